import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventSchemas } from '../../../core/events/event-schemas.ts';
import { openArtefact } from '../../../core/learning/artefact.ts';
import { checksumOf } from '../../../core/learning/crc32.ts';
import type { FinishedLife } from '../../../core/prognosis/similarity.ts';
import { LifeShelf } from '../../../lambdas/detection/life-shelf.ts';
import type { TwinEvent } from '../../../lambdas/ports/event-publisher.ts';
import { createPumpMachine } from '../../../simulator/pump/machine.ts';
import { eventOf, Floor } from './floor.ts';

const startMs = Date.parse('2026-01-01T00:00:00.000Z');
const pumpText = readFileSync('core/learning/models/centrifugal-pump.json', 'utf8');

/** The shipped model as if a plant had trained it: other figures, so another checksum and version. */
function ownModel(accuracy: number): { text: string; version: string } {
  const body = pumpText.trimEnd().replace(/"accuracy":[\d.]+/, `"accuracy":${accuracy}`);
  const content = `${body.slice(0, body.lastIndexOf(',"checksum"'))}}`;
  const text = `${content.slice(0, -1)},"checksum":"${checksumOf(content)}"}\n`;
  const opened = openArtefact(text, 'centrifugal-pump');
  if (!opened.ok) throw new Error(opened.error);
  return { text, version: opened.value.model.version };
}

interface Faulty {
  readonly mode: string;
  readonly onsetS: number;
}

function pumpFloor(samples: number, intervalMs: number, fault?: Faulty): Floor {
  const floor = new Floor();
  floor.register('P-1', 'centrifugal-pump');
  const faults = fault === undefined ? [] : [{ ...fault, growthS: 600, severity: 1 }];
  const options = { machineId: 'P-1', seed: 3, startMs, intervalMs, lifecycle: 'none', faults } as const;
  const machine = createPumpMachine(options);
  for (let i = 0; i < samples; i++) arrive(floor, machine.next().payload, i * intervalMs);
  return floor;
}

/** Samples arrive as they are taken. */
function arrive(floor: Floor, payload: unknown, afterMs: number): void {
  const record = floor.put('P-1', payload);
  floor.stream[floor.stream.length - 1] = { ...record, approximateArrivalTimestamp: (startMs + afterMs) / 1000 };
}

const told = (floor: Floor, detailType: string): TwinEvent[] =>
  [...floor.events.values()].filter((event) => event.detailType === detailType);

function pin(floor: Floor, version: string): void {
  floor.machines.set('P-1', { ...floor.machines.get('P-1')!, stateModelPin: version });
}

describe('the state of a machine', () => {
  it('stands in the twin and in the case file of an alarm, with probabilities and the version of the model', async () => {
    const floor = pumpFloor(300, 10_000, { mode: 'bearing_wear', onsetS: 600 });
    await floor.startContainer('c')(eventOf(floor.stream));
    const { condition } = floor.presents.get('P-1')!;
    expect(condition).toMatchObject({ modelVersion: expect.stringMatching(/^centrifugal-pump-.+-[0-9a-f]{8}$/) });
    expect(['FAULTY', 'BROKEN']).toContain(condition!.state);
    expect(Object.values(condition!.probabilities).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 3);
    expect(told(floor, 'anomaly').at(-1)!.detail).toMatchObject({
      condition: { modelVersion: condition!.modelVersion },
    });
  });

  it('is told when it becomes another one, and stays quiet on a sound machine', async () => {
    const states = (floor: Floor): unknown[] =>
      told(floor, 'health').map(({ detail }) => (detail.condition as { state: string } | null)?.state);
    const ill = pumpFloor(300, 10_000, { mode: 'bearing_wear', onsetS: 600 });
    await ill.startContainer('c')(eventOf(ill.stream));
    expect(states(ill)).toContain('FAULTY');
    const sound = pumpFloor(300, 10_000);
    await sound.startContainer('c')(eventOf(sound.stream));
    expect(sound.presents.get('P-1')!.condition!.state).toBe('HEALTHY');
    expect(told(sound, 'health')).toEqual([]);
  });
});

describe('the model in force', () => {
  it('is the pinned one; a change is told once, with both versions', async () => {
    const floor = pumpFloor(40, 10_000);
    const { text, version } = ownModel(0.5);
    floor.ownModels.set(`centrifugal-pump/${version}`, text);
    const handle = floor.startContainer('c');
    await handle(eventOf(floor.stream.slice(0, 20)));
    const before = floor.presents.get('P-1')!.condition!.modelVersion;
    pin(floor, version);
    await handle(eventOf(floor.stream.slice(20)));
    expect(floor.presents.get('P-1')!.condition!.modelVersion).toBe(version);
    expect(told(floor, 'model_changed').map(({ detail }) => detail)).toMatchObject([{ from: before, to: version }]);
  });

  it.each([
    ['damaged', (text: string) => text.replace('"units":', '"units":1'), 'the file is damaged'],
    [
      'of an unknown version',
      (text: string) => text.replace('"version":2', '"version":9'),
      'got version 9, allowed is 2',
    ],
    ['of another schema', (text: string) => text.replace('factory-twin/state-model', 'other'), 'got schema "other"'],
    ['not there', () => undefined, 'there is none'],
  ])(
    'stays when the pinned one is %s, also after a cold start, and the log says why in one sentence',
    async (_, spoil, why) => {
      const floor = pumpFloor(60, 10_000);
      const good = ownModel(0.6);
      const bad = ownModel(0.7);
      floor.ownModels.set(`centrifugal-pump/${good.version}`, good.text);
      const spoilt = spoil(bad.text);
      if (spoilt !== undefined) floor.ownModels.set(`centrifugal-pump/${bad.version}`, spoilt);
      pin(floor, good.version);
      await floor.startContainer('c', 10)(eventOf(floor.stream.slice(0, 20)));
      pin(floor, bad.version);
      await floor.startContainer('d')(eventOf(floor.stream.slice(20)));
      expect(floor.presents.get('P-1')!.condition!.modelVersion).toBe(good.version);
      expect(told(floor, 'model_changed')).toEqual([]);
      expect(floor.warnings).toEqual([expect.stringContaining(why)]);
    },
  );
});

describe('drift', () => {
  /** A day and more at a sample a minute: one pump as the model knows them, one of three times the size. */
  async function watch(factor: number): Promise<Floor> {
    const floor = pumpFloor(0, 60_000);
    const options = { machineId: 'P-1', seed: 8, startMs, intervalMs: 60_000, lifecycle: 'none', faults: [] } as const;
    const machine = createPumpMachine(options);
    for (let i = 0; i < 1500; i++) {
      const { payload } = machine.next();
      const [flow, power] = [payload.flow_m3_h as number, payload.motor_power_kw as number];
      arrive(floor, { ...payload, flow_m3_h: flow * factor, motor_power_kw: power * factor }, i * 60_000);
    }
    const handle = floor.startContainer('c');
    for (let i = 0; i < floor.stream.length; i += 500) await handle(eventOf(floor.stream.slice(i, i + 500)));
    return floor;
  }

  it('is a finding of its own about the model when the machine is unlike the training', async () => {
    const floor = await watch(3);
    const [event] = told(floor, 'model_drift');
    expect(event!.detail).toMatchObject({ fits: false });
    const features = (event!.detail.features as { feature: string }[]).map(({ feature }) => feature);
    expect(features).toContain('flow_m3_h');
    expect(features).toContain('motor_power_kw');
    expect(features).not.toContain('ambient_temperature_c');
    expect(eventSchemas.model_drift.safeParse({ schemaVersion: 1, ...event, ...event!.detail }).success).toBe(true);
    for (const { detail } of told(floor, 'anomaly'))
      expect(JSON.stringify(detail.findings)).not.toContain('no_longer_fits');
  });

  it('is not told of a pump like those of the training', async () => {
    expect(told(await watch(1), 'model_drift')).toEqual([]);
  });
});

describe('finished lives', () => {
  it('join the library once, whatever is delivered again, and the component starts anew', async () => {
    const floor = pumpFloor(400, 10_000, { mode: 'bearing_wear', onsetS: 1500 });
    const event = { channel: 'lifecycle', machine_id: 'P-1', event: 'maintenance_done', component: 'bearing' };
    floor.put('P-1', event);
    await floor.startContainer('c')(eventOf(floor.stream));
    await floor.startContainer('d')(eventOf(floor.stream));
    expect([...floor.lives.values()]).toMatchObject([
      { machineType: 'centrifugal-pump', machineId: 'P-1', life: { failureMode: 'bearing_wear' } },
    ]);
    const [kept] = floor.lives.values();
    expect(kept!.life.curve.length).toBeGreaterThan(2);
    expect(kept!.life.onsetHours).toBeGreaterThan(0);
  });

  it('end once for a work order whose report comes twice, and what was learned since stays', async () => {
    const afterReports = async (...workOrders: string[]) => {
      const floor = pumpFloor(400, 10_000, { mode: 'bearing_wear', onsetS: 1500 });
      const later = floor.stream.splice(200);
      const report = { channel: 'lifecycle', event: 'maintenance_done', component: 'bearing' };
      floor.put('P-1', { ...report, work_order: 'wo-1' });
      for (const { data } of later) floor.put('P-1', Buffer.from(data, 'base64').toString());
      for (const work_order of workOrders) floor.put('P-1', { ...report, work_order });
      const [before, after] = [floor.stream.slice(0, 401), floor.stream.slice(401)];
      await floor.startContainer('c', 0)(eventOf(before));
      await floor.startContainer('d', 0)(eventOf(after));
      const { prognosis } = floor.outcome().twins[0]!;
      return { reports: told(floor, 'lifecycle').length, prognosis };
    };
    const once = await afterReports();
    expect(await afterReports('wo-1')).toEqual(once);
    expect(await afterReports('wo-1', 'wo-2')).toMatchObject({ reports: once.reports + 1 });
  });

  it('teach when they came near their end, and not when the part was changed long before', async () => {
    const life = (last: number): FinishedLife => ({
      failureMode: 'bearing_wear',
      curve: [0.2, 0.5, last].map((index, i) => ({ hours: i + 1, index })),
    });
    const library = { newest: async () => [life(0.95), life(0.6)] };
    const log = { warn: () => undefined };
    const shelf = new LifeShelf({ library, models: { read: async () => undefined }, nowMs: () => 0, log });
    await shelf.prepare(['centrifugal-pump']);
    expect(shelf.experienceOf('centrifugal-pump').library).toEqual([life(0.95)]);
  });

  it('are done without for a while when the library is away', async () => {
    const warnings: string[] = [];
    const library = { newest: () => Promise.reject(new Error('the table is away')) };
    const log = { warn: (message: string) => void warnings.push(message) };
    const shelf = new LifeShelf({ library, models: { read: async () => undefined }, nowMs: () => 0, log });
    await shelf.prepare(['centrifugal-pump']);
    expect(shelf.experienceOf('centrifugal-pump')).toEqual({ library: [], ensemble: null });
    expect(warnings).toEqual([expect.stringContaining('the table is away')]);
  });
});
