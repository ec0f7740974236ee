import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseChaos } from '../../../simulator/chaos/parse.ts';
import { Pipeline } from '../../../simulator/command/pipeline.ts';
import { createFleet, deliver, type SimulationEvent, type SimulationOptions } from '../../../simulator/run.ts';
import { createJsonEncoder } from '../../../simulator/sinks/encoder.ts';
import { isSettled, type Ledger } from '../../../simulator/sinks/ledger.ts';
import { MqttSink, type MqttSinkOptions } from '../../../simulator/sinks/mqtt/mqtt-sink.ts';
import { TestBroker, tlsFor } from './broker.ts';

let broker: TestBroker;
let outboxFolder: string;

beforeEach(async () => {
  outboxFolder = mkdtempSync(join(tmpdir(), 'outbox-test-'));
  broker = new TestBroker();
  await broker.start();
});
afterEach(async () => {
  await broker.stop();
  rmSync(outboxFolder, { recursive: true, force: true });
});

const openSink = (machineIds: string[], over: Partial<MqttSinkOptions> = {}): MqttSink =>
  new MqttSink({
    endpoint: broker.endpoint,
    tlsFor,
    machineIds,
    sharedConnections: 0,
    outboxFolder,
    outboxLimitMb: 16,
    seed: 1,
    backoff: { firstMs: 20, ceilingMs: 50 },
    ...over,
  });

const within = (ms: number): (() => boolean) => {
  const endMs = performance.now() + ms;
  return () => performance.now() < endMs;
};

const eventually = async (holds: () => boolean): Promise<void> => {
  const mayWait = within(10_000);
  while (!holds() && mayWait()) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(holds()).toBe(true);
};

function send(sink: MqttSink, machineId: string, text: string): void {
  sink.book.sample(1);
  sink.accept({ machineId, channel: 'telemetry', text, sampleCount: 1 });
}

async function finish(sink: MqttSink, ms = 10_000): Promise<Ledger> {
  await sink.close(within(ms));
  return sink.book.close(sink.queuedSamples());
}

const three: SimulationOptions = { machines: [{ type: 'generic', count: 3 }], durationS: 100, rateHz: 1 };

function play(options: SimulationOptions, sink: MqttSink, over: { speed?: number; batchSize?: number } = {}) {
  const fleet = createFleet(options);
  if (!fleet.ok) throw new Error(fleet.error);
  const pipeline = new Pipeline({
    machineCount: fleet.value.length,
    encoder: createJsonEncoder(over.batchSize ?? 1),
    sink,
    labels: null,
    record: null,
    speed: over.speed ?? Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    mayWait: within(15_000),
  });
  return (events: Iterator<SimulationEvent> = deliver(fleet.value, options)) => pipeline.run(events);
}

const ids = ['MACHINE-001', 'MACHINE-002', 'MACHINE-003'];
const sequencesOf = (machineId: string): number[] =>
  broker.received
    .filter(({ topic }) => topic === `factory/${machineId}/telemetry`)
    .flatMap(({ text }) => {
      const message = JSON.parse(text) as { samples?: { sequence: number }[]; sequence: number };
      return message.samples?.map((sample) => sample.sequence) ?? [message.sequence];
    });

describe('a fleet over mutual TLS', () => {
  it('delivers every sample, each machine under its own name and topic, in order', async () => {
    const ledger = await play(three, openSink(ids), { batchSize: 5 })();
    expect(ledger).toEqual({ sampled: 300, carriedOver: 0, acknowledged: 300, queued: 0, refused: {}, difference: 0 });
    for (const id of ids) expect(sequencesOf(id)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(broker.received.every(({ clientId, topic }) => topic === `factory/${clientId}/telemetry`)).toBe(true);
    expect(existsSync(join(outboxFolder, 'MACHINE-001.ndjson'))).toBe(false);
  });

  it('loses nothing when the broker dies in mid-run and comes back', async () => {
    const run = play(three, openSink(ids), { speed: 60 });
    const outage = (async () => {
      await eventually(() => broker.received.length > 60);
      await broker.stop();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await broker.start();
    })();
    const ledger = await run();
    await outage;
    expect(ledger).toMatchObject({ sampled: 300, acknowledged: 300, difference: 0 });
    // At least once: a message whose acknowledgement died with the broker comes again.
    for (const id of ids) expect(new Set(sequencesOf(id)).size).toBe(100);
  });

  it('accounts for chaos: duplicates are sent twice, cut connections come back', async () => {
    const chaos = parseChaos('duplicate:p=0.2;disconnect@20s+5s');
    if (!chaos.ok) throw new Error(chaos.error);
    const ledger = await play({ ...three, chaos: chaos.value }, openSink(ids), { speed: 100 })();
    expect(ledger.sampled).toBeGreaterThan(330);
    expect(ledger).toMatchObject({ acknowledged: ledger.sampled, queued: 0, difference: 0 });
    expect(broker.connected).toHaveLength(6);
    for (const id of ids) expect(new Set(sequencesOf(id)).size).toBe(100);
  });

  it('shares connections through a gateway, and can use Basic Ingest', async () => {
    const sink = openSink(ids, { sharedConnections: 1, basicIngestRule: 'telemetry' });
    expect(isSettled(await play({ ...three, durationS: 5 }, sink)())).toBe(true);
    expect(broker.connected).toEqual(['gateway-1']);
    expect(broker.received[0]!.topic).toBe('$aws/rules/telemetry/factory/MACHINE-001/telemetry');
  });

  it('uses each channel’s own rule in Basic Ingest: a machine may speak to no other, and the rule for samples marks none', async () => {
    const sink = openSink(['CNC-001'], { basicIngestRule: 'factory_dev_telemetry' });
    send(sink, 'CNC-001', '{}');
    for (const channel of ['process', 'lifecycle'] as const) {
      sink.book.sample(1);
      sink.accept({ machineId: 'CNC-001', channel, text: '{}', sampleCount: 1 });
    }
    expect(isSettled(await finish(sink))).toBe(true);
    expect(broker.received.map(({ topic }) => topic)).toEqual([
      '$aws/rules/factory_dev_telemetry/factory/CNC-001/telemetry',
      '$aws/rules/factory_dev_process/factory/CNC-001/process',
      '$aws/rules/factory_dev_lifecycle/factory/CNC-001/lifecycle',
    ]);
  });

  it('leaves a last will when it is cut off, and none when it says farewell', async () => {
    const sink = openSink(['CNC-001']);
    await eventually(() => broker.connected.length === 1);
    sink.disconnect('CNC-001', 10);
    await eventually(() => broker.connected.length === 2);
    const will = { clientId: 'CNC-001', topic: 'factory/CNC-001/lifecycle' };
    const text = '{"event":"connection_lost","machine_id":"CNC-001"}';
    expect(broker.received).toMatchObject([{ ...will, text }]);
    await finish(sink);
    expect(broker.received).toHaveLength(1);
  });
});

describe('what cannot be delivered', () => {
  it('refuses a payload above 128 KB and keeps the machine talking', async () => {
    const sink = openSink(['CNC-001']);
    send(sink, 'CNC-001', '"'.padEnd(131_073, 'x'));
    send(sink, 'CNC-001', '"'.padEnd(131_072, 'x'));
    const ledger = await finish(sink);
    expect(ledger).toMatchObject({ acknowledged: 1, refused: { 'payload above 131072 bytes': 1 }, difference: 0 });
    expect(isSettled(ledger)).toBe(false);
  });

  it('refuses a machine id that topics cannot carry', async () => {
    const sink = openSink(['CNC/001', 'CNC-001']);
    send(sink, 'CNC/001', '1');
    send(sink, 'CNC-999', '2');
    expect(await finish(sink)).toMatchObject({
      sampled: 2,
      refused: { 'topic not allowed for machine "CNC/001"': 1, 'topic not allowed for machine "CNC-999"': 1 },
      difference: 0,
    });
  });

  it('finds the one message the broker hangs up on, refuses it and delivers the others', async () => {
    broker.forbiddenTopics = ['factory/CNC-002/telemetry'];
    const sink = openSink(['CNC-001', 'CNC-002'], { sharedConnections: 1 });
    for (const [i, id] of ['CNC-001', 'CNC-001', 'CNC-002', 'CNC-001', 'CNC-001'].entries()) send(sink, id, String(i));
    const ledger = await finish(sink);
    const reason = 'closed by the broker on topic factory/CNC-002/telemetry';
    expect(ledger).toMatchObject({ acknowledged: 4, queued: 0, refused: { [reason]: 1 }, difference: 0 });
    const texts = broker.received.filter(({ topic }) => topic.endsWith('telemetry')).map(({ text }) => text);
    expect([...new Set(texts)]).toEqual(['0', '1', '3', '4']);
  });

  it('keeps on disk what an absent broker did not take, and delivers it in the next run', async () => {
    await broker.stop();
    const first = openSink(['CNC-001']);
    for (let i = 0; i < 330; i++) send(first, 'CNC-001', String(i));
    expect(await finish(first, 50)).toMatchObject({ sampled: 330, acknowledged: 0, queued: 330, difference: 0 });
    expect(readdirSync(outboxFolder)).toEqual(['CNC-001.ndjson']);

    await broker.start();
    const second = openSink(['CNC-001'], { outboxLimitMb: 1 });
    await eventually(() => second.queuedSamples() < 330);
    // In mid-drain, with more than memory's window still in the file.
    const ledger = await finish(second, 50);
    expect(ledger).toMatchObject({ sampled: 0, carriedOver: 330, difference: 0 });
    const third = openSink(['CNC-001']);
    const rest = await finish(third, 20_000);
    expect(rest.carriedOver).toBe(ledger.queued);
    expect(isSettled(rest)).toBe(true);
    const texts = broker.received.map(({ text }) => Number(text)).filter((n) => !Number.isNaN(n));
    expect([...new Set(texts)]).toEqual(Array.from({ length: 330 }, (_, i) => i));
  });

  it('lets a waiting run go when it is interrupted', async () => {
    await broker.stop();
    const sink = openSink(['CNC-001']);
    for (let i = 0; i < 2100; i++) send(sink, 'CNC-001', 'x');
    const stop = new AbortController();
    const room = sink.ready(stop.signal);
    stop.abort();
    await room;
    expect(await finish(sink, 0)).toMatchObject({ queued: 2100, difference: 0 });
  });

  it('counts as refused what neither broker nor disk would take', async () => {
    await broker.stop();
    const sink = openSink(['CNC-001'], { outboxFolder: '/dev/null/nowhere' });
    send(sink, 'CNC-001', 'x');
    const ledger = await finish(sink, 0);
    expect(ledger).toMatchObject({ queued: 0, refused: { 'outbox not writable (ENOTDIR)': 1 }, difference: 0 });
  });

  it('refuses the newest when the outbox is full, and counts it', async () => {
    await broker.stop();
    const sink = openSink(['CNC-001'], { outboxLimitMb: 0.001 });
    for (let i = 0; i < 20; i++) send(sink, 'CNC-001', 'x'.repeat(100));
    const ledger = await finish(sink, 0);
    expect(ledger).toMatchObject({ queued: 10, refused: { 'outbox full (0.001 MB)': 10 }, difference: 0 });
  });
});
