import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Observation } from '../../../core/detection/observation.ts';
import { eventSchemas } from '../../../core/events/event-schemas.ts';
import { MachineCondition } from '../../../core/learning/machine-condition.ts';
import { createGenericMachine } from '../../../simulator/generic/machine.ts';
import { createPumpMachine } from '../../../simulator/pump/machine.ts';
import { EventSource } from './event-source.ts';
import { eventOf, Floor } from './floor.ts';

const startMs = Date.parse('2026-01-01T00:00:00.000Z');

function createFloor(samples: number): Floor {
  const floor = new Floor();
  floor.register('M-1', 'generic');
  const machine = createGenericMachine({ machineId: 'M-1', seed: 5, startMs, intervalMs: 1000, faults: [] });
  for (let i = 0; i < samples; i++) floor.put('M-1', machine.next().payload);
  return floor;
}

/** What the publisher adds to every event. */
const envelope = { schemaVersion: 1, eventId: 'e', machineId: 'M-1', atMs: startMs };

const decode = (dataBase64: string): string => Buffer.from(dataBase64, 'base64').toString();

describe('detection handler', () => {
  it('sets the poisoned third record of ten aside, whole and with its reason, and stores the other nine', async () => {
    const floor = createFloor(10);
    floor.stream[2] = { ...floor.stream[2]!, data: Buffer.from('{"machine_id":"M-1",').toString('base64') };
    const response = await floor.startContainer('c')(eventOf(floor.stream));
    expect(response.batchItemFailures).toEqual([]);
    expect(floor.rows.size).toBe(9);
    expect(floor.quarantined).toMatchObject([
      { machineId: 'M-1', reason: 'not_json', sequenceNumber: '1002', samples: 1 },
    ]);
    expect(decode(floor.quarantined[0]!.dataBase64)).toBe('{"machine_id":"M-1",');
    expect(floor.counts.get('SamplesQuarantined')).toBe(1);
  });

  it('quarantines the samples of an unregistered machine and counts them', async () => {
    const floor = createFloor(2);
    const stranger = createGenericMachine({ machineId: 'M-9', seed: 1, startMs, intervalMs: 1000, faults: [] });
    floor.put('M-9', { samples: [stranger.next().payload, stranger.next().payload] });
    await floor.startContainer('c')(eventOf(floor.stream));
    expect(floor.rows.size).toBe(2);
    expect(floor.quarantined).toMatchObject([{ machineId: 'M-9', reason: 'unknown_machine', samples: 2 }]);
  });

  it('refuses a payload that speaks for another machine than its topic', async () => {
    const floor = createFloor(1);
    floor.register('M-2', 'generic');
    floor.put('M-2', JSON.parse(decode(floor.stream[0]!.data)));
    await floor.startContainer('c')(eventOf(floor.stream.slice(1)));
    expect(floor.rows.size).toBe(0);
    expect(floor.quarantined).toMatchObject([{ machineId: 'M-2', reason: 'machine_id_mismatch' }]);
  });

  it('refuses samples of another type than the machine is registered with', async () => {
    const floor = createFloor(1);
    floor.register('M-1', 'cnc-mill');
    await floor.startContainer('c')(eventOf(floor.stream));
    expect(floor.quarantined).toMatchObject([{ reason: 'machine_type_mismatch' }]);
    expect(floor.quarantined[0]!.message).toContain('registered as cnc-mill');
    const why = expect.stringContaining('registered as cnc-mill');
    expect(floor.logged).toEqual([['quarantined', expect.objectContaining({ reason: 'machine_type_mismatch', why })]]);
  });

  it('quarantines what the store refuses for good and does not ask for the batch again', async () => {
    const floor = createFloor(5);
    floor.refuses = (row) => row.recordIndex === 3;
    const response = await floor.startContainer('c')(eventOf(floor.stream));
    expect(response.batchItemFailures).toEqual([]);
    expect(floor.rows.size).toBe(4);
    expect(floor.quarantined).toMatchObject([
      { reason: 'refused_by_store', message: 'out of retention', sequenceNumber: '1003' },
    ]);
  });

  it('quarantines the one sample that a machine’s twin throws at, again on every replay, and goes on with the shard', async () => {
    const floor = createFloor(6);
    floor.register('M-2', 'generic');
    floor.put('M-2', { ...JSON.parse(decode(floor.stream[3]!.data)), machine_id: 'M-2' });
    const oddMs = startMs + 3000;
    const observe = MachineCondition.prototype.observe;
    const fault = vi.spyOn(MachineCondition.prototype, 'observe');
    onTestFinished(() => fault.mockRestore());
    fault.mockImplementation(function (this: MachineCondition, observation) {
      const { machineId } = observation as Observation;
      if (machineId === 'M-1' && observation.sampledAtMs === oddMs) throw new TypeError('no such window');
      return observe.call(this, observation);
    });
    expect((await floor.startContainer('c')(eventOf(floor.stream))).batchItemFailures).toEqual([]);
    expect([...floor.rows.keys()]).not.toContain(`M-1@${oddMs}`);
    expect([...floor.rows.keys()]).toContain(`M-2@${oddMs}`);
    expect(floor.rows.size).toBe(6);
    const message = 'the twin of "M-1" threw: no such window';
    const refused = { machineId: 'M-1', reason: 'twin_failed', message, sequenceNumber: '1003', samples: 1 };
    expect(floor.quarantined).toEqual([expect.objectContaining(refused)]);
    expect(floor.counts.get('SamplesQuarantined')).toBe(1);
    expect(floor.presents.get('M-1')!.counts).toMatchObject({ received: 5, used: 4, quarantined: 1 });
    // Whoever takes the shard over rebuilds its twins over the same record.
    const next = floor.put('M-2', { ...JSON.parse(decode(floor.stream[4]!.data)), machine_id: 'M-2' });
    expect((await floor.startContainer('d')(eventOf([next]))).batchItemFailures).toEqual([]);
    expect(floor.rows.size).toBe(7);
  });

  it('renews at the second attempt what the twin threw at in the first', async () => {
    const floor = createFloor(3);
    const report = { channel: 'lifecycle', event: 'maintenance_done', component: 'machine', work_order: 'WO-1' };
    floor.put('M-1', report);
    const handle = floor.startContainer('c');
    const fault = vi.spyOn(MachineCondition.prototype, 'renew').mockImplementationOnce(() => {
      throw new TypeError('a fault');
    });
    onTestFinished(() => fault.mockRestore());
    await handle(eventOf(floor.stream));
    expect(floor.quarantined).toMatchObject([{ reason: 'twin_failed' }]);
    await handle(eventOf([floor.put('M-1', report)]));
    expect([...floor.events.values()].filter(({ detailType }) => detailType === 'lifecycle')).toHaveLength(1);
  });

  it('gives the batch back from the first record that could not be written for now', async () => {
    const floor = createFloor(6);
    floor.unwrittenFrom = (row) => row.recordIndex >= 4;
    const response = await floor.startContainer('c')(eventOf(floor.stream));
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: '1004' }]);
    expect(floor.rows.size).toBe(4);
  });

  it('reads the lease once a window, and again only when another container went on with the shard', async () => {
    const floor = createFloor(60);
    const source = new EventSource(floor.stream, { keepsStateOfParts: true });
    const [mine, other] = [floor.startContainer('mine'), floor.startContainer('other')];
    const deliver = async (container: typeof mine, batches: number): Promise<number> => {
      const before = floor.leaseReads;
      for (let i = 0; i < batches; i++) await source.deliver(container, 1);
      return floor.leaseReads - before;
    };
    expect(await deliver(mine, 20)).toBe(1);
    await source.endWindow(mine);
    expect(await deliver(mine, 20)).toBe(1);
    expect(await deliver(other, 10)).toBe(1);
    expect(await deliver(mine, 10)).toBe(1);
    expect(floor.rows.size).toBe(60);
  });

  it('answers each batch with a fence of a few bytes, and the end of a window with none', async () => {
    const floor = createFloor(3);
    const handle = floor.startContainer('c');
    expect((await handle(eventOf(floor.stream))).state).toEqual({ owner: 'c', sequence: '1002' });
    expect(await handle({ Records: [] })).toEqual({ batchItemFailures: [], state: {} });
  });

  it('asks for the whole batch again where the container that the fence names could go on over the gap', async () => {
    const floor = createFloor(6);
    floor.unwrittenFrom = (row) => row.recordIndex >= 4;
    const state = { owner: 'another', sequence: '0999' };
    const response = await floor.startContainer('c')({ ...eventOf(floor.stream), state });
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '1000' }], state: {} });
  });

  it('keeps the stored state of a machine complete: values with unit and quality, advice, health', async () => {
    const floor = createFloor(3);
    await floor.startContainer('c')(eventOf(floor.stream));
    const present = floor.presents.get('M-1')!;
    expect(present).toMatchObject({ machineType: 'generic', severity: 'normal', sequence: 0 });
    expect(present.values.temperature).toMatchObject({ unit: '°C', quality: 'good' });
    expect(present.advice.requiredCheck).not.toBe('');
  });

  it('starts a component anew after a repair and tells of it, once over a replay', async () => {
    const floor = createFloor(3);
    floor.put('M-1', { channel: 'lifecycle', event: 'maintenance_done', component: 'machine', runtime_hours: 12 });
    const handle = floor.startContainer('c');
    await handle(eventOf(floor.stream));
    await floor.startContainer('d')(eventOf(floor.stream));
    const told = [...floor.events.values()].filter((event) => event.detailType === 'lifecycle');
    expect(told).toMatchObject([{ machineId: 'M-1', detail: { event: 'maintenance_done', component: 'machine' } }]);
  });

  it('tells all that is reported of a work order beside its repair', async () => {
    const floor = createFloor(3);
    const report = { channel: 'lifecycle', event: 'inspected', work_order: 'wo-1' };
    for (const text of ['noisy', 'noisier']) floor.put('M-1', { ...report, text });
    await floor.startContainer('c')(eventOf(floor.stream));
    const told = [...floor.events.values()].filter(({ detailType }) => detailType === 'lifecycle');
    expect(told).toMatchObject([
      { detail: { report: { text: 'noisy' } } },
      { detail: { report: { text: 'noisier' } } },
    ]);
  });

  it('ends what stands open when a machine becomes one of another type', async () => {
    const floor = new Floor();
    floor.register('M-1', 'centrifugal-pump');
    const sampledAt = (i: number) => new Date(startMs + i * 1000).toISOString();
    const put = (i: number, machine_type: string) =>
      floor.put('M-1', { machine_id: 'M-1', machine_type, timestamp: sampledAt(i), sequence: i });
    for (let i = 0; i < 5; i++) put(i, 'centrifugal-pump');
    const handle = floor.startContainer('c');
    await handle(eventOf(floor.stream));
    floor.register('M-1', 'generic');
    put(5, 'centrifugal-pump');
    put(6, 'generic');
    await handle(eventOf(floor.stream.slice(5)));
    const told = [...floor.events.values()].filter(({ detailType }) => detailType === 'anomaly');
    const ofPump = told.filter(({ eventId }) => eventId.startsWith(told[0]!.eventId.split('/opened')[0]!));
    const title = 'Values that cannot be trusted';
    expect(ofPump.map(({ detail }) => detail.transition)).toMatchObject([
      { kind: 'opened', title },
      { kind: 'cleared', title },
    ]);
    expect(ofPump.map(({ detail }) => eventSchemas.anomaly.safeParse({ ...envelope, ...detail }).success)).toEqual([
      true,
      true,
    ]);
  });

  it('tells the remaining life of each component once a minute: in the store, the twin and on the bus', async () => {
    const floor = createFloor(0);
    floor.register('P-1', 'centrifugal-pump');
    const pump = createPumpMachine({ machineId: 'P-1', seed: 3, startMs, intervalMs: 1000, faults: [] });
    for (let i = 0; i < 130; i++) floor.put('P-1', pump.next().payload);
    await floor.startContainer('c')(eventOf(floor.stream));
    const forecast = floor.presents.get('P-1')!.forecast!;
    expect(forecast.atMs).toBe(startMs + 120_000);
    expect(forecast.components.map(({ component }) => component)).toContain('bearing');
    for (const { remainingHours } of forecast.components) {
      if (remainingHours !== null) expect(remainingHours.p10).toBeLessThanOrEqual(remainingHours.p90);
    }
    expect(floor.forecastRows).toEqual([0, 60, 120].map((second) => startMs + second * 1000));
    expect([...floor.events.values()].filter(({ detailType }) => detailType === 'rul').length).toBeGreaterThan(0);
    expect(JSON.stringify(floor.presents.get('P-1')).length).toBeLessThan(16_000);
  });

  it('leaves training data to the archive', async () => {
    const floor = createFloor(0);
    floor.put('M-1', { channel: 'training_data', machine_id: 'M-1', failure_mode: 'bearing_wear' });
    await floor.startContainer('c')(eventOf(floor.stream));
    expect([floor.rows.size, floor.quarantined.length]).toEqual([0, 0]);
    expect(floor.counts.get('MessagesForTraining')).toBe(1);
  });

  /** What the child of a split is given: the parent's last record again, and what comes after it. */
  function split(floor: Floor, shardId: string) {
    const repeated = floor.put('M-1', JSON.parse(decode(floor.stream[3]!.data)));
    const child = eventOf([repeated, ...floor.stream.slice(4, 8)]).Records.map((record) => ({
      ...record,
      eventID: record.eventID.replace('shardId-000000000000', shardId),
    }));
    floor.stream.length = 4;
    return { Records: child };
  }
  const asKnown = [...Array(4).fill('used'), 'duplicate', ...Array(4).fill('used')];

  it('takes over the twins of a parent shard after a split', async () => {
    const floor = createFloor(8);
    await floor.startContainer('c')(eventOf(floor.stream.slice(0, 4)));
    floor.parents.push('shardId-000000000000');
    await floor.startContainer('d')(split(floor, 'shardId-000000000001'));
    expect(floor.rows.size).toBe(8);
    expect(floor.presents.get('M-1')?.sequence).toBe(5);
    expect(floor.observed.map((row) => row.disposition)).toEqual(asKnown);
    expect(floor.leases.get('shardId-000000000001')).toMatchObject({ owner: 'd', epoch: 1 });
  });

  it('takes over the twins of a parent shard again when the first to do so died', async () => {
    const floor = createFloor(8);
    await floor.startContainer('c')(eventOf(floor.stream.slice(0, 4)));
    floor.parents.push('shardId-000000000000');
    const batch = split(floor, 'shardId-000000000001');
    floor.death = 'before';
    await expect(floor.startContainer('d')(batch)).rejects.toThrow('died');
    await floor.startContainer('e')(batch);
    expect(floor.observed.map((row) => row.disposition)).toEqual(asKnown);
  });

  it('takes the newer of two twins of one machine after a merge, whichever parent had it', async () => {
    const floor = createFloor(8);
    const container = floor.startContainer('c', 0);
    await container(eventOf(floor.stream.slice(0, 2)));
    const { checkpointKey, ...lease } = floor.leases.get('shardId-000000000000')!;
    floor.checkpoints.set('old', floor.checkpoints.get(checkpointKey!)!);
    await container(eventOf(floor.stream.slice(2, 4)));
    // Of a split before: the sibling had all twins too, and this machine's samples went elsewhere since.
    floor.leases.set('shardId-000000000009', { ...lease, checkpointKey: 'old' });
    floor.parents.push('shardId-000000000000', 'shardId-000000000009');
    const batch = split(floor, 'shardId-000000000010');
    floor.stream.length = 0;
    await floor.startContainer('d')(batch);
    expect(floor.observed.map((row) => row.disposition)).toEqual(asKnown);
  });
});
