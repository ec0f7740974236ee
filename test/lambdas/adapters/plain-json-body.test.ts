import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendRecordsAsTheyStand } from '../../../lambdas/adapters/plain-json-body.ts';

const bodies: string[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    bodies.push(body);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end('{}');
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
