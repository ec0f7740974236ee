import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CustomResourceEngine, createCustomResources } from '../../../local/cloudformation/custom-resources.ts';
import { type Json, type ResourceRequest, ServiceError } from '../../../local/engine.ts';
import { serve, type WireServer } from '../../../local/wire/server.ts';
import { openSurroundings } from '../surroundings.ts';

let surroundings: ReturnType<typeof openSurroundings>;
let server: WireServer;
let engine: CustomResourceEngine;
/** What the function under the custom resource answers; null ends it without an answer. */
let respond: (event: Json) => Json | null;
let asked: Json[];

beforeEach(async () => {
  surroundings = openSurroundings(0);
  asked = [];
  respond = () => ({ Status: 'SUCCESS', PhysicalResourceId: 'first', Data: { Columns: 12 } });
  server = await serve(0, async (request) => engine.answer(request) ?? { statusCode: 404, headers: {}, body: '' });
  engine = open();
});
afterEach(async () => {
  await server.close();
  surroundings.remove();
});

const open = (): CustomResourceEngine =>
  createCustomResources(
    { ...surroundings.cloud, call: async (...[, , { Payload }]) => run(String(Payload)) },
    server.url,
  );

async function run(payload: string): Promise<Json> {
  const event = JSON.parse(payload) as Json;
  asked.push(event);
  const answer = respond(event);
  if (answer !== null) await fetch(String(event.ResponseURL), { method: 'PUT', body: JSON.stringify(answer) });
  return {};
}

const create = (properties: Json, more: Partial<ResourceRequest> = {}) => {
  const request: ResourceRequest = {
    ...{ stack: 'Plant', logicalId: 'Columns', type: 'Custom::Columns', physicalName: 'Plant-Columns' },
    properties: { ServiceToken: 'arn:aws:lambda:us-east-1:0:function:columns', ...properties },
    ...more,
  };
  return engine.resources['AWS::CloudFormation::CustomResource']!.create(request);
};

it('runs its function once, with what CloudFormation tells, and keeps what it answered over a restart', async () => {
  const made = { ref: 'first', attributes: { Columns: '12' } };
  expect(await create({ Table: 'samples' })).toEqual(made);
  expect(asked).toMatchObject([
    {
      ...{ RequestType: 'Create', LogicalResourceId: 'Columns', ResourceType: 'Custom::Columns' },
      ResourceProperties: { Table: 'samples' },
    },
  ]);
  engine = open();
  expect(await create({ Table: 'samples' })).toEqual(made);
  expect(asked).toHaveLength(1);
});

it('tells of other properties, and takes the old resource away when a new one has come in its place', async () => {
  await create({ Table: 'samples' });
  respond = ({ RequestType }) => ({
    Status: 'SUCCESS',
    PhysicalResourceId: RequestType === 'Delete' ? 'first' : 'second',
  });
  expect((await create({ Table: 'others' })).ref).toBe('second');
  expect(asked.slice(1)).toMatchObject([
    { RequestType: 'Update', PhysicalResourceId: 'first', OldResourceProperties: { Table: 'samples' } },
    { RequestType: 'Delete', PhysicalResourceId: 'first', ResourceProperties: { Table: 'samples' } },
  ]);
});

/** The resources that these stacks have now. */
const deploy = (stacks: readonly string[], ...resources: string[]) =>
  engine.removeGone({
    outputs: new Map(stacks.map((stack) => [stack, {}])),
    resources: new Map(resources.map((key) => [key, { ref: '', type: 'Custom::Columns' }])),
  });

it('takes away what has left its stack, last made first, and once', async () => {
  await create({ Table: 'samples' });
  await create({ Table: 'others' }, { logicalId: 'Others' });
  await create({ Table: 'kept' }, { logicalId: 'Kept' });
  engine = open();
  await deploy(['Desk']);
  expect(asked).toHaveLength(3);
  for (let start = 0; start < 2; start++) await deploy(['Plant', 'Desk'], 'Plant/Kept');
  const gone = { RequestType: 'Delete', PhysicalResourceId: 'first', ResourceType: 'Custom::Columns' };
  expect(asked.slice(3)).toMatchObject([
    { ...gone, LogicalResourceId: 'Others', ResourceProperties: { Table: 'others' } },
    { ...gone, LogicalResourceId: 'Columns', ResourceProperties: { Table: 'samples' } },
  ]);
  expect(surroundings.told).toEqual([]);
});

it('leaves what its template retains', async () => {
  await create({ Table: 'samples' }, { deletionPolicy: 'Retain', updateReplacePolicy: 'Retain' });
  respond = () => ({ Status: 'SUCCESS', PhysicalResourceId: 'second' });
  await create({ Table: 'others' }, { deletionPolicy: 'RetainExceptOnCreate', updateReplacePolicy: 'Retain' });
  await deploy(['Plant']);
  expect(asked.map(({ RequestType }) => RequestType)).toEqual(['Create', 'Update']);
});

it('says what could not be taken away, and does not ask again', async () => {
  await create({ Table: 'samples' });
  respond = () => ({ Status: 'FAILED', Reason: 'somebody uses it' });
  for (let start = 0; start < 2; start++) await deploy(['Plant']);
  expect(surroundings.told).toEqual([
    'stack Plant, resource Columns: first is to go and stays, its function refused: somebody uses it',
  ]);
});

it.each<[string, () => Json | null, string]>([
  ['refuses', () => ({ Status: 'FAILED', Reason: 'no such table' }), 'its function refused: no such table'],
  ['says nothing', () => null, 'its function ended without an answer'],
  [
    'may not be called',
    () => {
      throw new ServiceError('AccessDeniedException', 'not authorized');
    },
    'not authorized',
  ],
])('stops the start when its function %s, and asks again at the next', async (_what, answer, says) => {
  respond = answer;
  await expect(create({ Table: 'samples' })).rejects.toThrow(says);
  respond = () => ({ Status: 'SUCCESS', PhysicalResourceId: 'first' });
  expect((await create({ Table: 'samples' })).ref).toBe('first');
  expect(asked.map(({ RequestType }) => RequestType)).toEqual(['Create', 'Create']);
});
