import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  ProvisionedThroughputExceededException,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { noCounts } from '../../../core/api/ledger.ts';
import { parseCaseFile } from '../../../core/incidents/case-file.ts';
import { AwsCheckpointStore } from '../../../lambdas/adapters/aws-checkpoint-store.ts';
import { DynamoDbMachineReader } from '../../../lambdas/adapters/dynamodb-machine-reader.ts';
import { DynamoDbRegistry } from '../../../lambdas/adapters/dynamodb-registry.ts';
import { DynamoDbTwinWriter } from '../../../lambdas/adapters/dynamodb-twin-writer.ts';
import { unpackJson } from '../../../lambdas/adapters/packed-json.ts';
import { describePresent } from '../../../lambdas/detection/present.ts';
import { sketchCase } from '../../core/incidents/plant.ts';
import { createRows } from './rows.ts';

const dynamoDb = mockClient(DynamoDBClient);
const s3 = mockClient(S3Client);
const client = new DynamoDBClient({ region: 'us-east-1' });
const fault = { message: 'no', $metadata: {} };

beforeEach(() => {
  dynamoDb.reset();
  s3.reset();
});

describe('DynamoDbTwinWriter', () => {
  const writer = new DynamoDbTwinWriter(client, 'twins');
  const state = () =>
    describePresent({
      ...createRows(1)[0]!,
      context: { program: 'O1001' },
      receivedAtMs: 1_767_225_600_500,
      counts: { ...noCounts, received: 3, used: 3 },
      condition: null,
      isStateNew: false,
      modelChange: null,
    });

  const states = (count: number) => Array.from({ length: count }, (_, i) => ({ ...state(), machineId: `M-${i}` }));
  const written = () =>
    dynamoDb.commandCalls(BatchWriteItemCommand).map((call) => call.args[0].input.RequestItems!.twins!);
  const idsOf = (requests: ReturnType<typeof written>[number]) =>
    requests.map(({ PutRequest }) => PutRequest!.Item!.machineId!.S!);

  it('writes a whole state as one item, twenty-five a request', async () => {
    dynamoDb.on(BatchWriteItemCommand).resolves({});
    expect(await writer.write(states(60))).toEqual([]);
    expect(written().map((requests) => requests.length)).toEqual([25, 25, 10]);
    expect(new Set(written().flatMap(idsOf)).size).toBe(60);
    const item = written()[0]![0]!.PutRequest!.Item!;
    expect(item).toMatchObject({ machineId: { S: 'M-0' }, severity: { S: 'normal' } });
    expect(JSON.parse(item.counts!.S!)).toMatchObject({ received: 3, missing: 0 });
    expect(item).not.toHaveProperty('due');
    expect(unpackJson(item.state!.B!)).toEqual({ ...state(), machineId: 'M-0' });
  });

  it('sends what DynamoDB left over again, and nothing else', async () => {
    const UnprocessedItems = { twins: [{ PutRequest: { Item: { machineId: { S: 'M-1' } } } }] };
    dynamoDb.on(BatchWriteItemCommand).resolvesOnce({ UnprocessedItems }).resolves({});
    expect(await writer.write(states(3))).toEqual([]);
    expect(written().map(idsOf)).toEqual([['M-0', 'M-1', 'M-2'], ['M-1']]);
  });

  it('names the machines whose state could not be written for now', async () => {
    dynamoDb.on(BatchWriteItemCommand).rejects(new ProvisionedThroughputExceededException(fault));
    expect(await writer.write(states(2))).toEqual(['M-0', 'M-1']);
  });
});

describe('DynamoDbRegistry', () => {
  it('asks for each machine once while the answer is fresh, and sooner again for unknown ones', async () => {
    let nowMs = 0;
    const registry = new DynamoDbRegistry(client, 'machines', () => nowMs);
    const item = { machineId: { S: 'M-1' }, machineType: { S: 'generic' }, name: { S: 'Press' }, site: { S: 'Ulm' } };
    dynamoDb.on(BatchGetItemCommand).resolves({ Responses: { machines: [item] } });
    const ids = new Set(['M-1', 'M-2']);
    const asked = () =>
      dynamoDb.commandCalls(BatchGetItemCommand).map((c) => c.args[0].input.RequestItems?.machines?.Keys);
    expect([...(await registry.find(ids)).keys()]).toEqual(['M-1']);
    expect((await registry.find(ids)).get('M-1')).toMatchObject({ site: 'Ulm', line: '' });
    expect(asked().length).toBe(1);
    nowMs = 20_000;
    await registry.find(ids);
    expect(asked()[1]).toEqual([{ machineId: { S: 'M-2' } }]);
  });

  it('gives a machine that was entered without a site one: its anomalies become incidents as any other’s', async () => {
    const item = { machineId: { S: 'M-1' }, machineType: { S: 'generic' }, site: { S: '' } };
    dynamoDb.on(BatchGetItemCommand).resolves({ Responses: { machines: [item] } });
    dynamoDb.on(GetItemCommand).resolves({ Item: item });
    const asked = await new DynamoDbRegistry(client, 'machines', () => 0).find(new Set(['M-1']));
    const machine = asked.get('M-1')!;
    expect(parseCaseFile({ ...sketchCase(), machine })).toMatchObject({ ok: true });
    const looked = await new DynamoDbMachineReader(client, { registry: 'machines', twins: 'twins' }).find('M-1');
    expect(looked?.site).toBe(machine.site);
  });

  it.each(['{"state":', 'null', '"2.1"'])('knows a machine, and its neighbour, whose pins are %s', async (pins) => {
    const entries = [
      { machineId: { S: 'M-1' }, modelPins: { S: pins } },
      { machineId: { S: 'M-2' }, modelPins: { S: '{"state":"1.4.0"}' } },
    ];
    dynamoDb.on(BatchGetItemCommand).resolves({ Responses: { machines: entries } });
    const found = await new DynamoDbRegistry(client, 'machines', () => 0).find(new Set(['M-1', 'M-2']));
    expect([...found.values()].map(({ stateModelPin }) => stateModelPin)).toEqual([undefined, '1.4.0']);
  });

  it('asks again for keys that DynamoDB left unprocessed', async () => {
    const registry = new DynamoDbRegistry(client, 'machines', () => 0);
    const keys = [{ machineId: { S: 'M-2' } }];
    dynamoDb
      .on(BatchGetItemCommand)
      .resolvesOnce({ Responses: { machines: [] }, UnprocessedKeys: { machines: { Keys: keys } } })
      .resolves({ Responses: { machines: [{ machineId: { S: 'M-2' } }] } });
    expect((await registry.find(new Set(['M-2']))).has('M-2')).toBe(true);
  });

  it('forgets nobody whom it could not ask about: a known machine does not become a stranger', async () => {
    let nowMs = 0;
    const registry = new DynamoDbRegistry(client, 'machines', () => nowMs);
    const found = { Responses: { machines: [{ machineId: { S: 'M-1' } }] } };
    dynamoDb
      .on(BatchGetItemCommand)
      .resolvesOnce(found)
      .rejectsOnce(new ProvisionedThroughputExceededException(fault))
      .resolves(found);
    await registry.find(new Set(['M-1']));
    nowMs = 300_000;
    await expect(registry.find(new Set(['M-1']))).rejects.toThrow();
    expect((await registry.find(new Set(['M-1']))).has('M-1')).toBe(true);
  });
});

describe('AwsCheckpointStore', () => {
  const store = new AwsCheckpointStore<{ readonly twins: number }>(client, new S3Client({ region: 'us-east-1' }), {
    leaseTable: 'leases',
    bucket: 'checkpoints',
  });
  const lease = { owner: 'a', epoch: 2, startSequence: '7', checkpointKey: null };

  it('takes a lease only from the holder that it read, and reads what was just written', async () => {
    dynamoDb.on(PutItemCommand).resolvesOnce({}).rejects(new ConditionalCheckFailedException(fault));
    expect(await store.writeLease('s', { ...lease, epoch: 3, checkpointKey: 's/3' }, lease)).toBe(true);
    expect(await store.writeLease('s', lease, undefined)).toBe(false);
    const [taken, first] = dynamoDb.commandCalls(PutItemCommand).map((call) => call.args[0].input);
    expect(taken?.ConditionExpression).toBe('epoch = :epoch AND checkpointKey = :checkpointKey');
    expect(taken?.ExpressionAttributeValues).toEqual({ ':epoch': { N: '2' }, ':checkpointKey': { NULL: true } });
    expect(first?.ConditionExpression).toBe('attribute_not_exists(shardId)');
    dynamoDb.on(GetItemCommand).resolves({ Item: taken!.Item! });
    expect(await store.readLease('s')).toEqual({ ...lease, epoch: 3, checkpointKey: 's/3' });
    expect(dynamoDb.commandCalls(GetItemCommand)[0]!.args[0].input.ConsistentRead).toBe(true);
  });

  it('reads back the checkpoint it wrote, and removes the former one', async () => {
    const checkpoint = { sequence: '9', arrivedAtMs: 5, state: { twins: 3 } };
    s3.on(PutObjectCommand).resolves({});
    s3.on(DeleteObjectCommand).resolves({});
    await store.save('s/3.json.gz', checkpoint);
    const body = s3.commandCalls(PutObjectCommand)[0]!.args[0].input.Body as Uint8Array;
    s3.on(GetObjectCommand).resolves({ Body: { transformToByteArray: async () => body } as never });
    expect(await store.load('s/3.json.gz')).toEqual(checkpoint);
    await store.remove('s/2.json.gz');
    expect(s3.commandCalls(DeleteObjectCommand)[0]!.args[0].input).toEqual({
      Bucket: 'checkpoints',
      Key: 's/2.json.gz',
    });
  });
});
