/**
 * Custom resources: their functions are run for real. A function hears of a resource when it is new or its properties are
 * others than at the last start, as at a deployment; of one that has left the template it hears nothing. Source: the
 * CloudFormation user guide, "Custom resource request and response reference".
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Cloud, CreatedResource, Engine, Json, ResourceRequest } from '../engine.ts';
import { owner } from '../engine.ts';
import { replaceFile } from '../replace-file.ts';
import type { WireRequest, WireResponse } from '../wire/request.ts';

export interface CustomResourceEngine extends Engine {
  /** Takes a function's answer; undefined for what is none. */
  answer(request: WireRequest): WireResponse | undefined;
}

interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, unknown>>;
}

/** What was made at the last start. */
interface Made {
  readonly properties: Json;
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
  return {
    name: 'cloudformation',
    operations: {},
    resources: {
      'AWS::CloudFormation::CustomResource': {
        // What a custom resource is told is its function's to judge.
        properties: ['*'],
        create: async (request) => {
          const key = `${request.stack}/${request.logicalId}`;
          const now = await bringAbout(desk, request, made.get(key));
          made.set(key, now);
          replaceFile(file, JSON.stringify([...made]));
          return toResource(now);
        },
      },
    },
    answer: (request) => {
      if (request.method !== 'PUT' || !request.path.startsWith(root)) return undefined;
      desk.answers.set(request.path.slice(root.length), JSON.parse(request.body.toString()) as Answer);
      return { statusCode: 200, headers: {}, body: '' };
    },
  };
}

const toResource = ({ physicalId, attributes }: Made): CreatedResource => ({ ref: physicalId, attributes });

async function bringAbout(desk: Desk, request: ResourceRequest, before: Made | undefined): Promise<Made> {
  const { properties } = request;
  if (before === undefined) return toMade(properties, await ask(desk, request, { RequestType: 'Create' }));
  if (isDeepStrictEqual(before.properties, properties)) return before;
  const old = { PhysicalResourceId: before.physicalId, OldResourceProperties: before.properties };
  const now = toMade(properties, await ask(desk, request, { RequestType: 'Update', ...old }));
  // Another id means another resource, which takes the place of the old one.
  if (now.physicalId !== before.physicalId) {
    const gone = { RequestType: 'Delete', PhysicalResourceId: before.physicalId };
    await ask(desk, { ...request, properties: before.properties }, gone);
  }
  return now;
}

function toMade(properties: Json, { PhysicalResourceId, Data = {} }: Answer): Made {
  const attributes = Object.fromEntries(Object.entries(Data).map(([name, value]) => [name, String(value)]));
  return { properties, physicalId: PhysicalResourceId, attributes };
}

async function ask({ cloud, endpointUrl, answers }: Desk, request: ResourceRequest, asked: Json): Promise<Answer> {
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
