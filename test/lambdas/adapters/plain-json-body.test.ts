import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BatchWriteItemCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { QueryCommand, ThrottlingException, TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  readRowsAsTheyStand,
  sendBatchesAsTheyStand,
  sendRecordsAsTheyStand,
} from '../../../lambdas/adapters/plain-json-body.ts';

const bodies: string[] = [];
const answers: { statusCode: number; query: object } = { statusCode: 200, query: {} };
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    bodies.push(body);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.statusCode = answers.statusCode;
    response.end(String(request.headers['x-amz-target']).endsWith('.Query') ? JSON.stringify(answers.query) : '{}');
  });
});

beforeAll(() => new Promise<void>((done) => void server.listen(0, '127.0.0.1', done)));
afterAll(() => new Promise<void>((done) => void server.close(() => done())));

const connect = () =>
  new TimestreamWriteClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  });

describe('records sent as they stand', () => {
  it("are on the wire what the SDK's own serialiser makes of them", async () => {
    const measures = [
      { Name: 'temperature', Type: 'DOUBLE', Value: '40.5' },
      { Name: 'phase', Type: 'VARCHAR', Value: 'Schruppen "grob" – ä\n' },
    ] as const;
    const command = () =>
      new WriteRecordsCommand({
        DatabaseName: 'plant',
        TableName: 'samples',
        CommonAttributes: { MeasureValueType: 'MULTI', TimeUnit: 'MILLISECONDS' },
        Records: [{ Dimensions: [{ Name: 'machine_id', Value: 'M-1' }], Time: '1', MeasureValues: [...measures] }],
      });
    const plain = connect();
    sendRecordsAsTheyStand(plain);
    await connect().send(command());
    await plain.send(command());
    const [fromSdk, asTheyStand] = bodies.filter((body) => body.includes('Records'));
    expect(JSON.parse(asTheyStand!)).toEqual(JSON.parse(fromSdk!));
    expect(JSON.parse(asTheyStand!).Records[0].MeasureValues[1].Value).toBe('Schruppen "grob" – ä\n');
  });
});

describe('batches sent as they stand', () => {
  it("are on the wire what the SDK's own serialiser makes of them, bytes too", async () => {
    const item = {
      machineId: { S: 'M-1 "ä"' },
      healthPercent: { N: '99.5' },
      state: { B: new Uint8Array([0, 255, 7]) },
      kept: { B: Buffer.from([1, 2, 3, 4]).subarray(1, 3) },
    };
    const connectTable = (): DynamoDBClient =>
      new DynamoDBClient({
        region: 'us-east-1',
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      });
    const command = () => new BatchWriteItemCommand({ RequestItems: { twins: [{ PutRequest: { Item: item } }] } });
    const plain = connectTable();
    sendBatchesAsTheyStand(plain);
    bodies.length = 0;
    await connectTable().send(command());
    await plain.send(command());
    await plain.send(new GetItemCommand({ TableName: 'twins', Key: { machineId: { S: 'M-1' } } }));
    const [fromSdk, asItStands, another] = bodies.map((body) => JSON.parse(body));
    expect(asItStands).toEqual(fromSdk);
    expect(asItStands.RequestItems.twins[0].PutRequest.Item).toMatchObject({
      state: { B: 'AP8H' },
      kept: { B: 'AgM=' },
    });
    expect(another.Key).toEqual({ machineId: { S: 'M-1' } });
  });
});

describe('rows read as they stand', () => {
  const connectQuery = () =>
    new TimestreamQueryClient({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      maxAttempts: 1,
    });
  const connectPlain = () => {
    const client = connectQuery();
    readRowsAsTheyStand(client);
    return client;
  };
  const query = new QueryCommand({ QueryString: 'SELECT 1' });

  it("are what the SDK's own deserialiser makes of them", async () => {
    answers.query = {
      QueryId: 'q',
      NextToken: 'more',
      Rows: [{ Data: [{ ScalarValue: '40.5' }, { NullValue: true }, { ScalarValue: 'grob – ä\n' }] }],
      ColumnInfo: ['at', 'load', 'phase'].map((Name) => ({ Name, Type: { ScalarType: 'DOUBLE' } })),
    };
    const { $metadata: _, ...fromSdk } = await connectQuery().send(query);
    const { $metadata, ...asTheyStand } = await connectPlain().send(query);
    expect(asTheyStand).toEqual(fromSdk);
    expect($metadata.httpStatusCode).toBe(200);
  });

  it('leave a refusal as the SDK tells it', async () => {
    Object.assign(answers, { statusCode: 400, query: { __type: 'ThrottlingException', message: 'slower' } });
    await expect(connectPlain().send(query)).rejects.toThrow(ThrottlingException);
  });
});
