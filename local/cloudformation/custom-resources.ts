/**
 * Custom resources: their functions are run for real. A function hears of a resource when it is new, when its properties are
 * others than at the last start, and when it has left its stack, as at a deployment. Source: the CloudFormation user guide,
 * "Custom resource request and response reference".
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Cloud, CreatedResource, Engine, Json, ResourceRequest } from '../engine.ts';
import { owner } from '../engine.ts';
import { replaceFile } from '../replace-file.ts';
import type { Deployment } from '../template/bring-up.ts';
import type { WireRequest, WireResponse } from '../wire/request.ts';

export interface CustomResourceEngine extends Engine {
  /** Takes a function's answer; undefined for what is none. */
  answer(request: WireRequest): WireResponse | undefined;
  /** What an earlier start made in these stacks, and the deployment no longer has, is taken away. */
  removeGone(deployment: Pick<Deployment, 'outputs' | 'resources'>): Promise<void>;
}

interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, unknown>>;
}

/** What was made at the last start. */
interface Made extends Pick<ResourceRequest, 'type' | 'properties' | 'deletionPolicy'> {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Desk {
  readonly cloud: Cloud;
  readonly endpointUrl: string;
  readonly answers: Map<string, Answer>;
}

const root = '/cloudformation-response/';

export function createCustomResources(cloud: Cloud, endpointUrl: string): CustomResourceEngine {
  const desk: Desk = { cloud, endpointUrl, answers: new Map() };
  const file = join(cloud.dataFolder, 'custom-resources.json');
  const made = new Map<string, Made>(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
  const save = (): void => replaceFile(file, JSON.stringify([...made]));
  return {
    name: 'custom-resources',
    operations: {},
    resources: {
      'AWS::CloudFormation::CustomResource': {
        // What a custom resource is told is its function's to judge.
        properties: ['*'],
        create: async (request) => {
          const key = `${request.stack}/${request.logicalId}`;
          const now = await bringAbout(desk, request, made.get(key));
          made.set(key, now);
          save();
          return toResource(now);
        },
      },
    },
    answer: (request) => {
      if (request.method !== 'PUT' || !request.path.startsWith(root)) return undefined;
      desk.answers.set(request.path.slice(root.length), JSON.parse(request.body.toString()) as Answer);
      return { statusCode: 200, headers: {}, body: '' };
    },
    removeGone: async ({ outputs, resources }) => {
      // What was made last may need what was made before.
      for (const [key, gone] of [...made].reverse()) {
        const [stack = '', logicalId = ''] = key.split('/');
        // A stack that is not in the assembly is not deployed; that takes nothing away.
        if (!outputs.has(stack) || resources.has(key)) continue;
        if (!isRetained(gone.deletionPolicy)) await takeAway(desk, { stack, logicalId }, gone);
        made.delete(key);
        save();
      }
    },
  };
}

const isRetained = (policy: string | undefined): boolean => policy?.startsWith('Retain') === true;

const toResource = ({ physicalId, attributes }: Made): CreatedResource => ({ ref: physicalId, attributes });

async function bringAbout(desk: Desk, request: ResourceRequest, before: Made | undefined): Promise<Made> {
  const { type, properties, deletionPolicy, updateReplacePolicy } = request;
  const wanted = { type, properties, deletionPolicy };
  if (before === undefined) return { ...wanted, ...toMade(await ask(desk, request, { RequestType: 'Create' })) };
  if (isDeepStrictEqual(before.properties, properties)) return { ...before, ...wanted };
  const old = { PhysicalResourceId: before.physicalId, OldResourceProperties: before.properties };
  const now = toMade(await ask(desk, request, { RequestType: 'Update', ...old }));
  // Another id means another resource, which takes the place of the old one.
  if (now.physicalId !== before.physicalId && !isRetained(updateReplacePolicy)) await takeAway(desk, request, before);
  return { ...wanted, ...now };
}

function toMade({ PhysicalResourceId, Data = {} }: Answer): Pick<Made, 'physicalId' | 'attributes'> {
  const attributes = Object.fromEntries(Object.entries(Data).map(([name, value]) => [name, String(value)]));
  return { physicalId: PhysicalResourceId, attributes };
}

type Place = Pick<ResourceRequest, 'stack' | 'logicalId'>;

/** What cannot be taken away is left: CloudFormation skips it after three tries ("stack cleanup stuck", re:Post). */
async function takeAway(desk: Desk, { stack, logicalId }: Place, gone: Made): Promise<void> {
  try {
    await ask(desk, { stack, logicalId, ...gone }, { RequestType: 'Delete', PhysicalResourceId: gone.physicalId });
  } catch (error) {
    const what = `stack ${stack}, resource ${logicalId}: ${gone.physicalId} is to go and stays`;
    desk.cloud.tell('cloudformation', `${what}, ${(error as Error).message}`);
  }
}

type Concerned = Place & Pick<ResourceRequest, 'type' | 'properties'>;

async function ask({ cloud, endpointUrl, answers }: Desk, request: Concerned, asked: Json): Promise<Answer> {
  const { properties, stack, logicalId, type } = request;
  const RequestId = randomUUID();
  const event = {
    ...asked,
    ...{ RequestId, ResponseURL: `${endpointUrl}${root}${RequestId}` },
    StackId: `arn:aws:cloudformation:${cloud.region}:${cloud.accountId}:stack/${stack}/local`,
    ...{ ResourceType: type, LogicalResourceId: logicalId, ResourceProperties: properties },
  };
  const FunctionName = String(properties.ServiceToken);
  const call = { FunctionName, Payload: JSON.stringify(event) };
  const outcome = (await cloud.call('lambda', 'Invoke', call, owner)) as Json;
  if (outcome.FunctionError !== undefined) throw new Error(`its function failed: ${String(outcome.Payload)}`);
  const answer = answers.get(RequestId);
  answers.delete(RequestId);
  if (answer === undefined) throw new Error('its function ended without an answer to ResponseURL');
  if (answer.Status !== 'SUCCESS') throw new Error(`its function refused: ${answer.Reason ?? 'without a reason'}`);
  return answer;
}
