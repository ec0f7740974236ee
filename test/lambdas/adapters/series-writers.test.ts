import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  RejectedRecordsException,
  ThrottlingException,
  TimestreamWriteClient,
  WriteRecordsCommand,
  type WriteRecordsCommandInput,
} from '@aws-sdk/client-timestream-write';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach } from 'vitest';
import { attempts, InfluxDbCaller } from '../../../lambdas/adapters/influxdb-caller.ts';
import { InfluxDbSeriesWriter } from '../../../lambdas/adapters/influxdb-series-writer.ts';
import { TimestreamSeriesWriter } from '../../../lambdas/adapters/timestream-series-writer.ts';
import { testSeriesWriter } from '../../contract/series-writer.ts';

const fault = { message: 'no', Message: 'no', $metadata: {} };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

testSeriesWriter('Timestream for LiveAnalytics', async () => {
  const stored = new Set<string>();
  const refused = new Set<string>();
  let busy = 0;
  const aws = mockClient(TimestreamWriteClient);
  aws.on(WriteRecordsCommand).callsFake(({ Records = [] }: WriteRecordsCommandInput) => {
    if (busy-- > 0) throw new ThrottlingException(fault);
    const RejectedRecords = Records.flatMap(({ Time }, RecordIndex) => {
      const key = `M-1@${Time}`;
      if (refused.has(key)) return [{ RecordIndex, Reason: 'outside of the retention' }];
      if (stored.has(key)) return [{ RecordIndex, Reason: 'stored already', ExistingVersion: 1 }];
      stored.add(key);
      return [];
    });
    if (RejectedRecords.length > 0) throw new RejectedRecordsException({ ...fault, RejectedRecords });
    return {};
  });
  return {
    writer: new TimestreamSeriesWriter(new TimestreamWriteClient({ region: 'us-east-1' }), {
      database: 'd',
      table: 't',
    }),
    stored: async () => [...stored],
    refuse: (atMs) => refused.add(`M-1@${atMs}`),
    outlastPatience: () => {
      busy = 1; // the client's own attempts are behind the mock
    },
  };
});

/** A server that answers as version 3 does: good lines are stored, the others listed by number. Or, as 1.x, in prose. */
async function startInfluxDb(tellsLines: boolean) {
  const stored = new Set<string>();
  const refused = new Set<string>();
  let busy = 0;
  const server = createServer(async (request, response) => {
    const lines = Buffer.concat(await request.toArray())
      .toString('utf8')
      .split('\n');
    if (busy-- > 0) {
      response.writeHead(503).end('busy');
      return;
    }
    const problems = lines.flatMap((line, i) => {
      const key = `M-1@${line.split(' ').at(-1)}`;
      if (!refused.has(key)) stored.add(key);
      return refused.has(key) ? [{ line_number: i + 1, error_message: 'no such column', original_line: line }] : [];
    });
    const prose = JSON.stringify({ error: 'partial write: field type conflict' });
    if (problems.length > 0)
      response.writeHead(400).end(tellsLines ? JSON.stringify({ error: 'partial', data: problems }) : prose);
    else response.writeHead(204).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const writeUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3/write_lp?db=factory&precision=millisecond`;
  const caller = new InfluxDbCaller({ token: async () => 'secret', waitMs: async () => undefined, random: () => 0 });
  return {
    writer: new InfluxDbSeriesWriter(caller, { writeUrl, queryUrl: '', creation: null }),
    stored: async () => [...stored],
    refuse: (atMs: number) => void refused.add(`M-1@${atMs}`),
    outlastPatience: () => {
      busy = attempts;
    },
  };
}

testSeriesWriter('InfluxDB 3', () => startInfluxDb(true));
testSeriesWriter('InfluxDB that tells no lines', () => startInfluxDb(false));
