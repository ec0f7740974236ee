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

const create = (properties: Json) => {
  const request: ResourceRequest = {
    ...{ stack: 'Plant', logicalId: 'Columns', type: 'Custom::Columns', physicalName: 'Plant-Columns' },
    properties: { ServiceToken: 'arn:aws:lambda:us-east-1:0:function:columns', ...properties },
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
