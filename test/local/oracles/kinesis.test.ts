/**
 * The same calls to the laptop's Kinesis and to kinesis-local: records come from the same shards in the same order, and
 * what is refused is refused by the same name. Left out on purpose: the digits of sequence numbers (their order counts),
 * iterators and times, texts of errors, what the laptop does not model (consumers, resharding), and the limits of sizes
 * and values: AWS calls those ValidationException, kinesis-local by other names or not at all.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Json } from '../../../local/engine.ts';
import { createKinesis } from '../../../local/kinesis/kinesis.ts';
import { ownerKeyId } from '../../../local/wire/credentials.ts';
import { openWire, type Wire } from '../wire.ts';

const require = createRequire(import.meta.url);
const StreamName = 'telemetry';
const shards = 3;
const startPatienceMs = 20_000;

let wire: Wire;
let oracle: ChildProcess | undefined;
let urls: readonly [ours: string, theirs: string] | undefined;

/** Undefined where it does not come up: it is no part of the product. */
// 4568 is where it would speak without TLS.
async function startOracle(): Promise<string | undefined> {
  const program = require.resolve('kinesis-local');
  oracle = spawn(process.execPath, ['--import', require.resolve('./on-loopback.ts'), program], {
    cwd: dirname(program), // it reads its certificate from there
    env: { ...process.env, INITIALIZE_STREAMS: `${StreamName}:${shards}:us-east-1`, LOG_LEVEL: 'ERROR' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: oracle.stdout! });
  const giveUp = setTimeout(() => oracle?.kill(), startPatienceMs);
  try {
    for await (const line of lines) {
      const [, port] = /^for 4568 on (\d+)$/.exec(line) ?? [];
      if (port !== undefined) return `http://127.0.0.1:${port}`;
    }
    return undefined;
  } finally {
    clearTimeout(giveUp);
  }
}

beforeAll(async () => {
  wire = await openWire((cloud) => createKinesis(cloud));
  await wire.create('AWS::Kinesis::Stream', { Name: StreamName, ShardCount: shards });
  const theirs = await startOracle();
  if (theirs !== undefined) urls = [wire.url, theirs];
});
afterAll(async () => {
  oracle?.kill();
  await wire.stop();
});

/** As the SDK's client would, whose answers say less. */
async function call(url: string, operation: string, input: Json): Promise<Json> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Kinesis_20131202.${operation}`,
      'x-amz-date': '20261120T120000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${ownerKeyId}/20261120/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  const body = (await response.json()) as Json;
  return response.ok ? body : { refused: String(body.__type).replace(/^.*#/, '') };
}

function both(context: TestContext): readonly [string, string] {
  if (urls === undefined) context.skip('kinesis-local does not start here');
  return urls!;
}

interface Put {
  readonly ShardId: string;
  readonly SequenceNumber: string;
}

const key = fc.constantFrom('SEAS-CNC-01', 'P-1', 'P-2', 'ü', 'machine-17', '0');
const record = fc.record({ PartitionKey: key, Data: fc.base64String({ minLength: 4, maxLength: 8 }) });
const step = fc.oneof(
  fc.record({ put: record }),
  fc.record({ putAll: fc.array(record, { minLength: 1, maxLength: 4 }) }),
  fc.record({
    read: fc.nat(shards - 1),
    from: fc.constantFrom('TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'),
    nth: fc.nat(20),
    Limit: fc.constantFrom(1, 3, 100),
  }),
);

describe('Kinesis and kinesis-local', () => {
  it('put records into the same shards and read them alike from anywhere', async (context) => {
    const places = both(context);
    /** What each gave for every record so far: ours, theirs. */
    const puts: (readonly [Put, Put])[] = [];
    const put = async (operation: string, input: Json, pick: (answer: Json) => readonly Put[]): Promise<void> => {
      const answers = await Promise.all(places.map(async (url) => pick(await call(url, operation, input))));
      const [ours = [], theirs = []] = answers;
      expect(ours.map(({ ShardId }) => ShardId)).toEqual(theirs.map(({ ShardId }) => ShardId));
      ours.forEach((one, i) => {
        puts.push([one, theirs[i]!]);
      });
    };
    const readPages = async (url: string, iterator: Json, Limit: number): Promise<unknown[]> => {
      let { ShardIterator } = await call(url, 'GetShardIterator', iterator);
      const pages: unknown[] = [];
      for (let i = 0; i < 3; i++) {
        const page = await call(url, 'GetRecords', { ShardIterator, Limit });
        const records = (page.Records as Json[]).map(({ PartitionKey, Data }) => ({ PartitionKey, Data }));
        pages.push(records);
        ShardIterator = page.NextShardIterator;
      }
      return pages;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
        for (const action of steps) {
          if ('put' in action)
            await put('PutRecord', { StreamName, ...action.put }, (answer) => [answer as unknown as Put]);
          else if ('putAll' in action) {
            await put('PutRecords', { StreamName, Records: action.putAll }, (answer) => answer.Records as Put[]);
          } else {
            const ShardId = `shardId-${String(action.read).padStart(12, '0')}`;
            const known = puts.filter(([{ ShardId: at }]) => at === ShardId);
            const chosen = known[action.nth % known.length];
            const needsNumber = action.from.endsWith('SEQUENCE_NUMBER');
            if (needsNumber && chosen === undefined) continue;
            const pages = await Promise.all(
              places.map((url, i) => {
                const StartingSequenceNumber = needsNumber ? chosen![i]!.SequenceNumber : undefined;
                const iterator = { StreamName, ShardId, ShardIteratorType: action.from, StartingSequenceNumber };
                return readPages(url, iterator, action.Limit);
              }),
            );
            expect(pages[0], JSON.stringify(action)).toEqual(pages[1]);
          }
        }
      }),
      { numRuns: 8 },
    );
    for (const side of [0, 1]) {
      const numbers = puts
        .filter(([{ ShardId }]) => ShardId === 'shardId-000000000000')
        .map((pair) => BigInt(pair[side]!.SequenceNumber));
      expect(numbers).toEqual([...numbers].sort((a, b) => (a < b ? -1 : 1)));
    }
  });

  it('describe the same shards over the same hash keys', async (context) => {
    const [ours, theirs] = await Promise.all(
      both(context).map(async (url) => {
        const { Shards } = await call(url, 'ListShards', { StreamName });
        const { StreamDescriptionSummary } = await call(url, 'DescribeStreamSummary', { StreamName });
        const { OpenShardCount, RetentionPeriodHours, StreamStatus } = StreamDescriptionSummary as Json;
        const ranges = (Shards as Json[]).map(({ ShardId, HashKeyRange }) => ({ ShardId, HashKeyRange }));
        return { ranges, OpenShardCount, RetentionPeriodHours, StreamStatus };
      }),
    );
    expect(ours).toEqual(theirs);
  });

  const place = { StreamName, ShardId: 'shardId-000000000000' };
  const lost = { ...place, ShardId: 'shardId-000000000009', ShardIteratorType: 'LATEST' };
  it.for<[string, string, Json]>([
    ['a stream that is not there', 'PutRecord', { StreamName: 'nowhere', PartitionKey: 'a', Data: 'AAAA' }],
    ['a shard that is not there', 'GetShardIterator', lost],
    ['a place without its number', 'GetShardIterator', { ...place, ShardIteratorType: 'AT_SEQUENCE_NUMBER' }],
  ])('refuse %s by the same name', async ([_, operation, input], context) => {
    const [ours, theirs] = await Promise.all(both(context).map((url) => call(url, operation, input)));
    expect(ours).toHaveProperty('refused');
    expect(ours).toEqual(theirs);
  });
});
