import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Incident, machinesOf } from '../../core/incidents/incident.ts';
import type { Notice } from '../../core/incidents/settle.ts';
import { expectEventsToKeepTheirSchemas, openShopFloor, type ShopFloor } from './shop-floor.ts';
import { teach } from './taught.ts';

/**
 * A hall of a hundred pumps that have run for a day, then +15 °C on every thermometer while one bearing fails: real
 * samples of the simulator, over MQTT, rule, stream and detection to what people hear.
 */
const pumps = Array.from({ length: 100 }, (_, i) => `PUMP-${String(i + 1).padStart(3, '0')}`);
const failing = 'PUMP-057';
const dayS = 86_400;
const healthyS = 5;

describe('a hall of pumps', () => {
  let floor: ShopFloor;
  let startMs: number;
  const hall = { machines: [{ type: 'centrifugal-pump', count: pumps.length, ids: pumps }], seed: 7 };
  beforeAll(async () => {
    floor = await openShopFloor(Object.fromEntries(pumps.map((id) => [id, 'centrifugal-pump'])));
    startMs = Math.floor(Date.now() / 1000 - 55) * 1000;
    await teach(floor, { ...hall, startMs: startMs - dayS * 1000, durationS: dayS, rateHz: 1 / 60 });
  });
  afterAll(() => floor?.stop());

  const notices = (): Omit<Notice, 'noticeId'>[] =>
    floor.events.flatMap((event) =>
      event['detail-type'] === 'incident' ? [event.detail as Omit<Notice, 'noticeId'>] : [],
    );
  const stepsOf = ({ incidentId }: Incident): string[] =>
    notices().flatMap(({ kind, incident }) => (incident.incidentId === incidentId ? [kind] : []));

  it('has one incident of its heatwave, and one of the pump whose bearing fails', async () => {
    const spec = { kind: 'heatwave', window: { onsetS: healthyS, durationS: 3600 }, probability: 1 } as const;
    const amounts = { signal: null, factor: 1, riseC: 15, rampS: 5, offsetS: 0, delayS: 0, durationS: 0 };
    await floor.run({
      ...{ ...hall, startMs, durationS: 50, rateHz: 2 },
      chaos: { specs: [{ ...spec, ...amounts }] },
      faults: [{ machineId: failing, mode: 'bearing_wear', onsetS: healthyS, growthS: 20, severity: 1 }],
    });
    const warm = () => pumps.filter((id) => floor.heard('anomaly', id).length > 0);
    await floor.until(() => expect(warm()).toEqual(pumps));
    await floor.until(async () => expect(new Set((await floor.live()).flatMap(machinesOf)).size).toBe(pumps.length));
    await floor.until(async () => expect((await floor.live()).map(({ severity }) => severity)).toContain('critical'));
    const live = await floor.live();
    expect(live.map(({ kind }) => kind).sort()).toEqual(['group', 'machine']);
    const [group, own] = live.toSorted((a, b) => a.kind.localeCompare(b.kind)) as [Incident, Incident];
    expect(group).toMatchObject({ commonCause: '°C up', severity: 'warning', state: 'open' });
    expect(machinesOf(group).toSorted()).toEqual(pumps.filter((id) => id !== failing));
    expect(machinesOf(own)).toEqual([failing]);
    expect(own).toMatchObject({
      severity: 'critical',
      caseFile: { transition: { code: 'bearing_noise' }, advice: { decision: 'human_review' } },
    });
    expect(own.caseFile.causes[0]?.failureMode).toBe('bearing_wear');
    expect(stepsOf(group)).toEqual(['opened', 'grouped', 'worsened']);
    expect(stepsOf(own)).toEqual(['opened', 'worsened', 'worsened']);
    // With the third warm pump the first one’s incident became the group, and the second one’s went into it.
    const ended = notices().filter(({ kind }) => kind === 'closed');
    expect(ended.map(({ incident }) => incident.mergedInto)).toEqual([group.incidentId]);
  });

  it('calls somebody three times in all, and asks for the one new bearing', async () => {
    const pages = notices().filter(({ page }) => page.isPage);
    expect(pages.map(({ page }) => page.number)).toEqual([1, 2, 3]);
    expect(pages.filter(({ incident }) => incident.kind === 'group')).toHaveLength(1);
    expect(pages.filter(({ incident }) => incident.severity === 'critical')).toHaveLength(1);
    await floor.until(() => expect(floor.mails()).toHaveLength(4));
    const subjects = floor.subjects();
    expect(subjects).toContain(
      '[CRITICAL] Worse: PUMP-057: Bearing lines or high frequency above what this pump showed when healthy'.slice(
        0,
        99,
      ),
    );
    expect(subjects).toContain(
      '[WARNING] Worse: PUMP-057: Bearing lines or high frequency above what this pump showed when healthy'.slice(
        0,
        99,
      ),
    );
    expect(subjects).toContain('[MAINTENANCE] Please decide: Replace the bearings, PUMP-057');
    expect(subjects.join('\n')).toMatch(
      /^\[WARNING\] Worse: \d+ machines at laptop, deg C up: Bearing warmer than its load/m,
    );
    expect((await floor.orders()).map(({ machineId }) => machineId)).toEqual([failing]);
  });

  it('is heard of when it falls silent: one incident of the whole hall, and nothing may proceed', async () => {
    const look = floor.listenForSilence(1);
    await floor.until(() => look().then(() => expect(floor.heard('machine_stale', failing)).not.toEqual([])));
    const findHall = async () => (await floor.live()).find(({ commonCause }) => commonCause === 'machine_silent');
    await floor.until(async () => {
      const hallIncident = await findHall();
      expect(hallIncident === undefined ? [] : machinesOf(hallIncident).toSorted()).toEqual(pumps);
    });
    expect((await findHall())?.caseFile.advice?.decision).toBe('do_not_proceed');
    expect(floor.heard('machine_stale', failing)).toMatchObject([{ state: 'silent' }]);
  });

  it('tells nothing on the bus that breaks its schema', () => {
    expectEventsToKeepTheirSchemas(floor.events);
  });
});
