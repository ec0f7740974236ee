import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MachineForecast } from '../../core/prognosis/forecast.ts';
import type { Json } from '../../local/engine.ts';
import { expectEventsToKeepTheirSchemas, openShopFloor, type ShopFloor, site } from './shop-floor.ts';

/** Real samples of simulated machines, over MQTT, to what people hear and decide, and back to the twin. */
const mill = 'SEAS-CNC-01';
const chattering = 'SEAS-CNC-02';
const deaf = 'SEAS-CNC-03';
const processMachines = { [mill]: 'cnc-process', [chattering]: 'cnc-process', [deaf]: 'cnc-process' };
const rateHz = 2;

/** Quiet for the stage's ten minutes ends an incident; here for one second. */
const hurried = (template: string): string => template.replaceAll('"FLAP_HOLD_S": "600"', '"FLAP_HOLD_S": "1"');

describe('a machine shop', () => {
  let floor: ShopFloor;
  beforeAll(async () => {
    floor = await openShopFloor(processMachines, hurried);
  });
  afterAll(() => floor?.stop());

  /** What is older than two minutes when it comes is stale: nothing is concluded from it. */
  const secondsAgo = (seconds: number): number => Math.floor(Date.now() / 1000 - seconds) * 1000;
  const processRun = (id: string, startMs: number, durationS: number, mode?: string) => ({
    machines: [{ type: 'cnc-process', count: 1, ids: [id] }],
    ...{ seed: 7, startMs, durationS, rateHz },
    // A plan takes the script's place, one of no severity too.
    faults: [
      mode === undefined
        ? { mode: 'chatter', onsetS: 0, growthS: 0, severity: 0 }
        : { mode, onsetS: 15, growthS: mode === 'tool_wear' ? 30 : 0, severity: 1 },
    ],
  });
  /** What was told of a machine and decided, in its order. */
  const timelineOf = (machineId: string): string[] => {
    return floor.events.flatMap(({ detail, ...event }) => {
      const { machineId: id, transition, kind, incident } = detail as Json;
      if (id !== machineId) return [];
      if (event['detail-type'] === 'anomaly') {
        const { kind: step, code } = transition as Json;
        return [`${String(code)} ${String(step)}`];
      }
      return event['detail-type'] === 'incident'
        ? [`incident ${String(kind)}: ${String((incident as Json).severity)}`]
        : [];
    });
  };
  const incidentOf = async (machineId: string) =>
    (await floor.live()).find(({ caseFile }) => caseFile.machineId === machineId);
  /** Hours that half of such tools last, as last told. */
  const toolLife = (machineId: string): number | undefined => {
    const told = floor.heard('rul', machineId).at(-1)?.forecast as MachineForecast | undefined;
    return told?.components.find(({ component }) => component === 'tool')?.remainingHours?.p50;
  };

  it('wears a tool out: one incident, an approval, a tool change, a life anew, closed with a label', async () => {
    const startMs = secondsAgo(105);
    const wearingOut = processRun(mill, startMs, 78, 'tool_wear');
    const isEarly = ({ sequence }: Json): boolean => Number(sequence) < 110;
    await floor.run(wearingOut, (payload) => (isEarly(payload) ? payload : null));
    await floor.until(() =>
      expect(floor.subjects()).toContainEqual(expect.stringMatching(/Please decide: Change the tool/)),
    );
    const order = (await floor.orders()).find(({ machineId }) => machineId === mill)!;
    expect(await floor.live()).toHaveLength(1);
    expect(order).toMatchObject({ component: 'tool', failureMode: 'tool_wear', state: 'proposed' });
    expect(order.rationale).not.toBe('');

    const voice = { by: 'Ines', verdict: 'approve', reason: '', untilMs: null, atMs: Date.now() } as const;
    expect(await floor.desk.decide(order.workOrderId, voice)).toMatchObject({ ok: true });
    await floor.until(() => expect(floor.workflows()).toContain('Await'));
    await floor.run(wearingOut, (payload) => (isEarly(payload) ? null : payload));
    expect(toolLife(mill)).toBeLessThan(0.1);
    // The life that runs short asks too, and finds the order that there is.
    await floor.until(() => expect(floor.workflows().toSorted()).toEqual(['Await', 'Known']));
    const findings = {
      result: 'confirmed',
      text: 'flank wear',
      partsReplaced: ['end mill'],
      by: 'Ola',
      atMs: Date.now(),
    } as const;
    expect(await floor.desk.report(order.workOrderId, findings)).toMatchObject({ ok: true, value: { state: 'done' } });
    await floor.until(() => expect(floor.heard('lifecycle', mill)).toHaveLength(1));

    // The script wears its tool by the number of the event; this one was changed after the 164th.
    await floor.run(processRun(mill, startMs, 84), (payload) =>
      Number(payload.sequence) < 164 ? null : { ...payload, tool_wear_pct: 2 },
    );
    // Nothing is known of the new tool yet, and nothing of the old one is said of it.
    expect(floor.heard('rul', mill).at(-1)).toMatchObject({
      forecast: { components: [{ component: 'tool', status: 'none_seen' }], nextMaintenance: null },
    });
    await floor.until(() =>
      expect(floor.heard('incident', mill).map(({ kind }) => kind)).toEqual(['opened', 'closed']),
    );
    expect(floor.heard('maintenance', mill).map(({ news }) => news)).toEqual(['proposed', 'scheduled', 'done']);
    expect(floor.heard('maintenance', mill).at(-1)).toMatchObject({
      label: { code: 'tool_wear', predicted: 'tool_wear', actual: 'tool_wear', result: 'confirmed' },
      precision: 1,
    });
    const states = floor.heard('anomaly', mill).map(({ transition }) => (transition as Json).kind);
    expect(states.at(-1)).toBe('cleared');
  });

  it('chatters: a person is asked to look, and no work starts by itself', async () => {
    await floor.run(processRun(chattering, secondsAgo(50), 40, 'chatter'));
    await floor.until(async () => expect(await incidentOf(chattering)).toBeDefined());
    const incident = (await incidentOf(chattering))!;
    expect(incident.caseFile).toMatchObject({
      transition: { code: 'chatter_risk' },
      advice: { decision: 'human_review' },
      context: { part: expect.stringMatching(/^BRACKET-/), operation: 'adaptive_cnc_milling' },
    });
    expect(incident.caseFile.causes[0]?.failureMode).toBe('chatter');
    const [opened] = floor.heard('anomaly', chattering) as { replay: Json; links: Json; transition: Json }[];
    const since = new Date(Number(opened?.transition.openedAtMs)).toISOString();
    expect(opened?.links).toEqual({
      page: `#/machines/${chattering}`,
      replay: `#/machines/${chattering}/${since}`,
      runbook: 'docs/runbook.md#incidents',
    });
    expect(floor.heard('maintenance_request', chattering)).toEqual([]);
    await floor.until(() => expect(timelineOf(chattering)).toEqual(['chatter_risk opened', 'incident opened: watch']));
  });

  it('loses its sensors: nothing may proceed, and the remaining life is withheld', async () => {
    await floor.run(processRun(deaf, secondsAgo(90), 80, 'sensor_dropout'), (payload) =>
      payload.spindle_load_pct === null ? { ...payload, tool_wear_pct: null } : payload,
    );
    await floor.until(async () => expect(await incidentOf(deaf)).toBeDefined());
    expect((await incidentOf(deaf))?.caseFile.advice?.decision).toBe('do_not_proceed');
    expect(floor.heard('rul', deaf).at(-1)).toMatchObject({
      forecast: {
        components: [{ status: 'withheld', remainingHours: null, withheldBecause: 'tool_wear_pct is missing' }],
      },
    });
    expect(floor.heard('data_quality', deaf)[0]).toMatchObject({
      signals: { spindle_load_pct: { quality: 'missing' } },
    });
    expect(floor.heard('rul_crossed', deaf)).toEqual([]);
    expect(floor.heard('maintenance_request', deaf)).toEqual([]);
    await floor.until(() => expect(timelineOf(deaf)).toEqual(['sensor_dropout opened', 'incident opened: warning']));
  });

  it('shows its incidents with a history whose seals hold, and its schedule with what it was worth', async () => {
    for (const { incidentId } of await floor.live())
      expect(await floor.desk.show(incidentId)).toMatchObject({ ok: true, value: { historyBreak: null } });
    expect(await floor.desk.schedule(site)).toMatchObject({ costs: { done: 1, noFaultFound: 0 } });
  });

  it('tells nothing on the bus that breaks its schema', () => {
    expectEventsToKeepTheirSchemas(floor.events);
    expect(new Set(floor.events.map((event) => event['detail-type'])).size).toBeGreaterThan(6);
  });
});
