import { describe, expect, it } from 'vitest';
import { defaultIncidentPolicy as policy } from '../../../core/incidents/policy.ts';
import { silenceCode } from '../../../core/incidents/silence.ts';
import { createAcknowledgeHandler } from '../../../lambdas/acknowledge/handler.ts';
import { actOnIncident } from '../../../lambdas/incidents/act.ts';
import { createLinks } from '../../../lambdas/incidents/links.ts';
import { sha256, sketchCase, startMs } from '../../core/incidents/plant.ts';
import { openFloor } from './floor.ts';

describe('the incident function', () => {
  it('takes the good messages of a batch and gives the bad one back', async () => {
    const floor = openFloor();
    const bodies = [
      { detail: sketchCase() },
      { detail: { eventId: 'x' } },
      { detail: sketchCase({ machineId: 'PUMP-002' }) },
    ];
    expect(await floor.deliver(bodies)).toBe(1);
    expect(floor.mails).toHaveLength(2);
  });

  it('counts what opened, and what of it was told later than promised, once each', async () => {
    const counted: Record<string, number> = {};
    const count = (name: string, amount: number): void => {
      counted[name] = (counted[name] ?? 0) + amount;
    };
    const floor = openFloor({ metrics: { count, durationMs: () => undefined, flush: () => undefined } });
    const inTime = sketchCase();
    const late = sketchCase({ machineId: 'PUMP-002', atMs: startMs - policy.warnWithinMs - 1 });
    const silent = sketchCase({ machineId: 'PUMP-003', code: silenceCode, atMs: startMs - 300_000 });
    expect(await floor.deliver([inTime, late, inTime, late, silent].map((detail) => ({ detail })))).toBe(0);
    expect(counted).toMatchObject({ EpisodesTold: 2, EpisodesToldLate: 1 });
  });

  it('decides again when somebody wrote in between, and loses nothing of two at once', async () => {
    const floor = openFloor();
    await Promise.all([1, 2, 3, 4].map((i) => floor.observe({ machineId: `PUMP-00${i}` })));
    expect(floor.incidents.size).toBe(4);
    expect(floor.mails).toHaveLength(4);
    expect([...floor.incidents.keys()].every(floor.isWhole)).toBe(true);
  });

  it('has one check under way for the end of a shelf, however much goes on there', async () => {
    const floor = openFloor();
    await floor.observe({});
    const [id] = floor.incidents.keys();
    floor.checks.length = 0;
    const untilMs = startMs + 86_400_000;
    await actOnIncident(floor.deps, id!, { kind: 'shelve', by: 'Ines', reason: 'a part is on its way', untilMs });
    for (let i = 1; i < 10; i++) {
      floor.clock.nowMs += 60_000;
      const openedAtMs = floor.clock.nowMs;
      await floor.observe({ openedAtMs }, { kind: 'cleared', openedAtMs, atMs: openedAtMs + 20_000 });
    }
    expect(floor.checks).toEqual([{ incidentId: id, dueMs: untilMs }]);
  });

  it('asks anew for the check of one that died before it asked', async () => {
    let isDead = true;
    const asked: number[] = [];
    const checkAt = async (_: string, dueMs: number): Promise<void> => {
      if (isDead) throw new Error('killed');
      asked.push(dueMs);
    };
    const floor = openFloor({ reminder: { checkAt } });
    expect(await floor.observe({})).toBe(1);
    isDead = false;
    expect(await floor.observe({})).toBe(0);
    expect(asked).toHaveLength(1);
  });

  it('tells after its death what it had written, once', async () => {
    let isDead = true;
    const sent: string[] = [];
    const floor = openFloor({
      notifier: {
        send: async ({ subject }) => {
          if (isDead) throw new Error('killed');
          sent.push(subject);
        },
      },
    });
    expect(await floor.observe({})).toBe(1);
    isDead = false;
    expect(await floor.observe({})).toBe(0);
    expect(sent).toEqual([]); // the dead one's claim still stands
    floor.clock.nowMs += 60_000;
    await floor.observe({});
    await floor.observe({});
    expect(sent).toEqual(['[WARNING] New: PUMP-001: Vibration']);
  });

  it.each(['opened', 'changed'] as const)(
    'brings an episode to rest whose end came long before its "%s"',
    async (kind) => {
      const floor = openFloor();
      const openedAtMs = startMs;
      const cleared = { detail: sketchCase({ kind: 'cleared', openedAtMs, atMs: startMs + 1000 }) };
      for (let receive = 0; receive < 4; receive++) await floor.deliver([cleared]);
      floor.clock.nowMs += 3_600_000;
      const begun = sketchCase({ kind, openedAtMs, atMs: startMs + 500 });
      expect(await floor.deliver([{ detail: begun }, { detail: begun }])).toBe(0);
      const [incident] = [...floor.incidents.values()];
      expect(floor.incidents.size).toBe(1);
      expect(incident).toMatchObject({ state: 'resolved', resolvedAtMs: floor.clock.nowMs, version: 1 });
      expect(floor.isWhole(incident!.incidentId)).toBe(true);
      expect(floor.mails).toHaveLength(1);
    },
  );

  it('opens nothing anew when a worsening comes after the end of its closed incident', async () => {
    const floor = openFloor();
    const of = (
      kind: 'opened' | 'changed' | 'cleared',
      afterMs: number,
      severity: 'warning' | 'critical' = 'warning',
    ) => floor.observe({ kind, severity, openedAtMs: startMs, atMs: startMs + afterMs });
    await of('opened', 0);
    await of('cleared', 2000);
    floor.clock.nowMs += policy.flapHoldMs;
    await floor.tick();
    await of('changed', 1000, 'critical');
    expect([...floor.incidents.values()].map(({ state }) => state)).toEqual(['closed']);
  });

  it('takes what is delivered again after its episode was forgotten, and its end as well', {
    timeout: 30_000,
  }, async () => {
    const floor = openFloor();
    const old = { detail: sketchCase({ severity: 'watch' }) };
    const long = { detail: sketchCase({ machineId: 'PUMP-002', severity: 'watch' }) };
    await floor.deliver([old, { detail: sketchCase({ kind: 'cleared', openedAtMs: startMs }) }, long]);
    floor.clock.nowMs += policy.flapHoldMs;
    await floor.tick();
    const board = await floor.store.loadBoard('Kiel');
    const others = Array.from({ length: 1500 }, (_, i) => [
      `other/${i}`,
      { incidentId: 'other', atMs: startMs + i + 1 },
    ]);
    const touched = {
      board: { ...board, episodes: Object.fromEntries(others) },
      incidents: [],
      entries: [],
      notices: [],
    };
    expect(await floor.store.save(touched)).toBe(true);
    const states = () => [...floor.incidents.values()].map(({ state }) => state);
    expect(states()).toEqual(['closed', 'open']);
    expect(await floor.deliver([old, long])).toBe(0);
    expect(states()).toEqual(['closed', 'open']);
    const end = sketchCase({ machineId: 'PUMP-002', kind: 'cleared', openedAtMs: startMs, atMs: floor.clock.nowMs });
    expect(await floor.deliver([{ detail: end }])).toBe(0);
    expect(states()).toEqual(['closed', 'resolved']);
  });

  it('escalates when the check comes due, and ignores one that is out of date', async () => {
    const floor = openFloor();
    await floor.observe({ severity: 'critical' });
    await floor.tick();
    expect(floor.checks).toHaveLength(1); // too early: it is sent on
    floor.clock.nowMs += 10 * 60_000;
    const [id] = floor.incidents.keys();
    await actOnIncident(floor.deps, id!, { kind: 'acknowledge', by: 'Ines' });
    await floor.tick();
    expect(floor.mails).toHaveLength(1);
    await floor.observe({ machineId: 'PUMP-002', severity: 'critical' });
    floor.clock.nowMs += 10 * 60_000;
    await floor.tick();
    expect(floor.mails.at(-1)).toMatchObject({ audience: 'escalation' });
  });

  it('asks for maintenance on trusted evidence only', async () => {
    const floor = openFloor();
    for (const [i, quality] of ['stuck', 'stale', 'missing', 'bad', 'out_of_range', 'uncertain', 'good'].entries()) {
      await floor.observe({ machineId: `PUMP-${i}`, quality: quality as 'good' });
    }
    await floor.observe({ machineId: 'PUMP-8', decision: 'do_not_proceed' });
    const requests = floor.events.filter(({ detailType }) => detailType === 'maintenance_request');
    expect(requests.map(({ machineId }) => machineId)).toEqual(['PUMP-6']);
  });
});

describe('a link of a mail', () => {
  it('acknowledges by POST, once, until it ends, and never when forged', async () => {
    const floor = openFloor();
    const mac = (text: string): string => sha256(`key${text}`);
    await floor.observe({});
    const incident = [...floor.incidents.values()][0]!;
    const linksFor = createLinks({
      acknowledgeUrl: 'https://ack.example/',
      pageUrl: 'https://twin.example',
      runbookUrl: 'docs/runbook.md',
      slackButtons: false,
      loadMac: async () => mac,
    });
    const notice = {
      noticeId: `${incident.incidentId}/1`,
      kind: 'opened',
      atMs: startMs,
      incident,
      page: { isPage: true, number: 1, budget: 12 },
    } as const;
    const link = new URL((await linksFor(notice, 'critical')).acknowledge!).searchParams.get('link')!;
    let isStoreAway = false;
    const handle = createAcknowledgeHandler({
      store: floor.store,
      act: (id, event) => {
        if (isStoreAway) throw new Error('the store is away');
        return actOnIncident(floor.deps, id, event);
      },
      loadMac: async () => mac,
      nowMs: floor.deps.nowMs,
      slack: null,
      log: floor.deps.log,
    });
    const ask = (method: string, text = link) =>
      handle({ queryStringParameters: { link: text }, requestContext: { http: { method } } }).then(
        ({ statusCode }) => statusCode,
      );
    const state = () => floor.incidents.get(incident.incidentId)?.state;

    expect(await ask('GET')).toBe(200);
    expect(await ask('POST', `${link.slice(0, -1)}0`)).toBe(403);
    expect(await ask('POST', 'nonsense')).toBe(403);
    floor.clock.nowMs += 25 * 3_600_000;
    expect(await ask('POST')).toBe(403);
    floor.clock.nowMs = startMs;
    isStoreAway = true;
    await expect(ask('POST')).rejects.toThrow('the store is away');
    isStoreAway = false;
    expect(state()).toBe('open');
    expect(await ask('POST')).toBe(200);
    expect(state()).toBe('acknowledged');
    expect(
      (await linksFor({ ...notice, incident: floor.incidents.get(incident.incidentId)! }, 'critical')).acknowledge,
    ).toBeNull();
  });
});
