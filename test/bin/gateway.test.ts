import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forward } from '../../bin/gateway/forward.ts';
import { MqttSink } from '../../simulator/sinks/mqtt/mqtt-sink.ts';
import { runAsNpm } from '../docs/as-npm.ts';
import { TestBroker, tlsFor } from '../simulator/sinks/broker.ts';
import { until } from '../until.ts';

const machineIds = ['PRESS-1', 'PRESS-2'];
const nowMs = Date.UTC(2026, 0, 1);
let broker: TestBroker;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  broker = new TestBroker();
  await broker.start();
});
afterEach(async () => {
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

function open(batchSize = 1, patienceMs = 5000, endpoint = broker.endpoint) {
  const input = new PassThrough();
  const troubles: string[] = [];
  const sink = new MqttSink({
    ...{ endpoint, tlsFor, machineIds, sharedConnections: 0, outboxLimitMb: 1, seed: 1 },
    outboxFolder: join(folder, 'outbox'),
    backoff: { firstMs: 20, ceilingMs: 50 },
    onTrouble: (message) => troubles.push(message),
  });
  let deadlineMs: number | undefined;
  const ended = forward({
    ...{ input, sink, machineIds, batchSize, batchWithinMs: 50, nowMs: () => nowMs },
    signal: new AbortController().signal,
    mayWait: () => {
      deadlineMs ??= performance.now() + patienceMs;
      return performance.now() < deadlineMs;
    },
  });
  const write = (...samples: unknown[]): void => {
    for (const sample of samples) input.write(`${typeof sample === 'string' ? sample : JSON.stringify(sample)}\n`);
  };
  return { input, ended, write, troubles };
}

const sample = (machineId: string, force: number) => ({ machine_id: machineId, machine_type: 'press', force });
const forces = (machineId: string): number[] =>
  broker.received
    .filter(({ topic }) => topic === `factory/${machineId}/telemetry`)
    .flatMap(({ text }) => {
      const payload = JSON.parse(text) as { force: number; samples?: { force: number }[] };
      return (payload.samples ?? [payload]).map(({ force }) => force);
    });

describe('the gateway', () => {
  it('sends each machine’s samples in order by its own connection, and stamps those without a time', async () => {
    const { input, ended, write } = open();
    write(sample('PRESS-1', 1), { ...sample('PRESS-2', 2), timestamp: '2026-02-01T00:00:00Z' }, sample('PRESS-1', 3));
    input.end();
    expect(await ended).toMatchObject({ sampled: 3, acknowledged: 3, queued: 0, difference: 0 });
    expect([forces('PRESS-1'), forces('PRESS-2')]).toEqual([[1, 3], [2]]);
    expect(broker.connected.toSorted()).toEqual(machineIds);
    const times = broker.received.map(({ text }) => (JSON.parse(text) as { timestamp: string }).timestamp);
    expect(times.toSorted()).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00Z']);
  });

  it('has every line that cannot go in the ledger, with its reason', async () => {
    const { input, ended, write } = open();
    write('no json', '[]', { force: 1 }, sample('PRESS-9', 1), sample('PRESS-1', 1), '');
    input.end();
    const refused = {
      'not a line of JSON': 1,
      'no sample: an object is one': 1,
      'no machine_id': 1,
      'no credentials of machine "PRESS-9"': 1,
    };
    expect(await ended).toMatchObject({ sampled: 5, acknowledged: 1, refused, difference: 0 });
  });

  it('does not blame the broker for a connection that its own end cuts off', async () => {
    const silent = createServer();
    const port = await new Promise<number>((done) =>
      silent.listen(0, '127.0.0.1', () => done((silent.address() as AddressInfo).port)),
    );
    const asked = new Promise<Socket>((done) => silent.once('connection', done));
    const { input, ended, troubles } = open(1, 5000, `mqtts://127.0.0.1:${port}`);
    const socket = await asked;
    const cut = new Promise((done) => socket.once('close', done));
    socket.resume();
    input.end('no json\n');
    expect(await ended).toMatchObject({ sampled: 1, refused: { 'not a line of JSON': 1 } });
    await cut;
    // The client's own end of it closes a turn later.
    await sleep(50);
    expect(troubles).toEqual([]);
    silent.close();
  });

  it('lets a batch that does not fill go after its time', async () => {
    const { input, ended, write } = open(100);
    write(sample('PRESS-1', 1), sample('PRESS-1', 2));
    await until(() => expect(forces('PRESS-1')).toEqual([1, 2]));
    expect(broker.received).toHaveLength(1);
    input.end();
    await ended;
  });

  it('keeps on disk what nobody takes, and the next run delivers it before its own, in order', async () => {
    await broker.stop();
    const first = open(1, 100);
    first.write(sample('PRESS-1', 1), sample('PRESS-1', 2));
    first.input.end();
    expect(await first.ended).toMatchObject({ sampled: 2, acknowledged: 0, queued: 2, difference: 0 });
    await broker.start();
    const second = open();
    second.write(sample('PRESS-1', 3));
    second.input.end();
    expect(await second.ended).toMatchObject({ sampled: 1, carriedOver: 2, acknowledged: 3, difference: 0 });
    expect(forces('PRESS-1')).toEqual([1, 2, 3]);
  });
});

describe('npm run gateway', () => {
  it('takes an enrolled folder, and says in a sentence what is wrong', async () => {
    const credentials = join(folder, 'credentials');
    const { ca, cert, key } = tlsFor('PRESS-1');
    mkdirSync(join(credentials, 'PRESS-1'), { recursive: true });
    const files = { 'ca.pem': ca, 'PRESS-1/cert.pem': cert, 'PRESS-1/private.key': key };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(credentials, name), content);
    writeFileSync(join(credentials, 'endpoint.json'), JSON.stringify({ endpoint: broker.endpoint }));
    const places = `--credentials ${credentials} --outbox ${join(folder, 'outbox')}`;
    const line = JSON.stringify(sample('PRESS-1', 7));
    const run = (rest: string) =>
      runAsNpm(`npm run gateway -- local ${rest} ${places} <<< '${line}'`, process.env as Record<string, string>);
    const sent = await run('PRESS-1');
    expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining('1 sampled = 1 acknowledged') });
    expect(forces('PRESS-1')).toEqual([7]);
    const stranger = `gateway: machine "PRESS-2": not enrolled in ${credentials}; there are PRESS-1\n`;
    expect(await run('PRESS-2')).toMatchObject({ code: 2, stderr: stranger });
    const batch = 'gateway: --batch: got "0", allowed is a whole number from 1\n';
    expect(await run('--batch 0')).toMatchObject({ code: 2, stderr: batch });
  }, 30_000);
});
