import { describe, expect, it } from 'vitest';
import { findBreak } from '../../../core/incidents/history.ts';
import { defaultIncidentPolicy } from '../../../core/incidents/policy.ts';
import { createPlant, sha256, startMs } from './plant.ts';

const minuteMs = 60_000;

describe('one incident per episode', () => {
  it('opens one incident and pages once, however often the event comes', () => {
    const plant = createPlant();
    for (let i = 0; i < 3; i++) plant.observe({});
    expect(plant.incidents.size).toBe(1);
    expect(plant.notices.map(({ kind }) => kind)).toEqual(['opened']);
  });

  it('joins a second code of the same machine instead of paging again', () => {
    const plant = createPlant();
    plant.observe({ code: 'vibration' });
    plant.observe({ code: 'bearing_noise', unit: 'g', atMs: startMs + 5000 });
    expect(plant.incidents.size).toBe(1);
    expect(plant.pages()).toHaveLength(1);
  });

  it('pages again when it gets worse, also when somebody acknowledged it', () => {
    const plant = createPlant();
    plant.observe({});
    const [id] = plant.incidents.keys();
    plant.act(id!, { kind: 'acknowledge', by: 'Ines' });
    plant.observe({ kind: 'changed', severity: 'critical', openedAtMs: startMs, atMs: startMs + minuteMs });
    expect(plant.pages().map(({ kind }) => kind)).toEqual(['opened', 'worsened']);
    expect(plant.incidents.get(id!)).toMatchObject({ state: 'acknowledged', severity: 'critical' });
  });

  it('holds a flapping signal in one incident with one page', () => {
    const plant = createPlant();
    for (let i = 0; i < 20; i++) {
      const openedAtMs = startMs + i * minuteMs;
      plant.observe({ openedAtMs, atMs: openedAtMs });
      plant.observe({ kind: 'cleared', openedAtMs, atMs: openedAtMs + 20_000 });
    }
    expect(plant.incidents.size).toBe(1);
    expect(plant.pages()).toHaveLength(1);
    expect([...plant.incidents.values()][0]).toMatchObject({ flaps: 19, state: 'resolved' });
    plant.pass(defaultIncidentPolicy.flapHoldMs);
    expect(plant.notices.at(-1)?.kind).toBe('closed');
  });

  it('grows no further while somebody works on it for weeks, and knows all that stands open', () => {
    const plant = createPlant();
    plant.observe({ code: 'leak' });
    const [id] = plant.incidents.keys();
    plant.act(id!, { kind: 'start_work', by: 'Ines' });
    const sizes = Array.from({ length: 600 }, (_, i) => {
      const openedAtMs = startMs + (i + 1) * minuteMs;
      plant.observe({ openedAtMs, atMs: openedAtMs });
      plant.observe({ kind: 'cleared', openedAtMs, atMs: openedAtMs + 20_000 });
      return JSON.stringify(plant.incidents.get(id!)).length;
    });
    expect(sizes[599]).toBe(sizes[500]);
    expect(Object.values(plant.incidents.get(id!)!.episodes)).toContainEqual(
      expect.objectContaining({ code: 'leak', isOpen: true }),
    );
  });

  it('comes to rest however much its site has seen since it opened', () => {
    const later = Array.from({ length: 1500 }, (_, i) => [`PUMP-002/vibration/${i}`, i] as const);
    const ended = (i: number) => ({ incidentId: 'PUMP-002', atMs: startMs + 2000 + i, isOver: true as const });
    const plant = createPlant(Object.fromEntries(later.map(([id, i]) => [id, ended(i)])));
    plant.observe({ code: 'leak' });
    plant.observe({ code: 'vibration', openedAtMs: startMs + 1000 });
    plant.observe({ kind: 'cleared', code: 'leak', openedAtMs: startMs, atMs: startMs + minuteMs });
    plant.observe({ kind: 'cleared', code: 'vibration', openedAtMs: startMs + 1000, atMs: startMs + minuteMs });
    expect([...plant.incidents.values()]).toMatchObject([{ state: 'resolved' }]);
  });

  it('comes to rest though episodes came after it whose end the queue brought before their beginning', () => {
    const standing = (i: number) => ({ incidentId: 'PUMP-002', atMs: startMs + 2000 + i });
    const plant = createPlant(
      Object.fromEntries(Array.from({ length: 1498 }, (_, i) => [`PUMP-002/heat/${i}`, standing(i)])),
    );
    plant.observe({ code: 'leak' });
    plant.observe({ code: 'vibration', openedAtMs: startMs + 1000, atMs: startMs + 1000 });
    for (const openedAtMs of [startMs + minuteMs, startMs + 2 * minuteMs]) {
      const other = { machineId: 'PUMP-003', openedAtMs, atMs: openedAtMs };
      plant.observe({ ...other, kind: 'cleared' });
      plant.observe(other);
    }
    plant.observe({ kind: 'cleared', code: 'leak', openedAtMs: startMs });
    plant.observe({ kind: 'cleared', code: 'vibration', openedAtMs: startMs + 1000 });
    expect([...plant.incidents.values()].map(({ state }) => state)).toEqual(['resolved', 'resolved']);
  });

  it('stays at rest when the queue brings the worsening after the end', () => {
    const plant = createPlant();
    plant.observe({ severity: 'warning' });
    plant.observe({ kind: 'cleared', openedAtMs: startMs, atMs: startMs + 2 * minuteMs });
    plant.observe({ kind: 'changed', severity: 'critical', openedAtMs: startMs, atMs: startMs + minuteMs });
    expect([...plant.incidents.values()]).toMatchObject([{ state: 'resolved', severity: 'critical', flaps: 0 }]);
    plant.pass(defaultIncidentPolicy.flapHoldMs);
    expect(plant.notices.map(({ kind }) => kind)).toEqual(['opened', 'closed']);
  });

  it('opens a new incident when the fault is back after the end', () => {
    const plant = createPlant();
    plant.observe({});
    plant.observe({ kind: 'cleared', openedAtMs: startMs, atMs: startMs + minuteMs });
    plant.pass(defaultIncidentPolicy.flapHoldMs);
    plant.observe({ openedAtMs: startMs + 60 * minuteMs, atMs: startMs + 60 * minuteMs });
    expect(plant.incidents.size).toBe(2);
    expect(plant.live()).toHaveLength(1);
  });
});

describe('a common cause', () => {
  const heat = (i: number, score = 4) => ({
    machineId: `PUMP-${String(i).padStart(3, '0')}`,
    code: 'bearing_heat',
    unit: '°C',
    score,
    atMs: startMs + i * 1000,
  });

  it('makes two incidents of a heatwave over 100 pumps with one that truly fails', () => {
    const plant = createPlant();
    for (let i = 1; i <= 100; i++)
      plant.observe(i === 57 ? { ...heat(i, 19), severity: 'critical' } : heat(i, 4 + (i % 5) / 10));
    const live = plant.live();
    expect(live.map(({ kind }) => kind).sort()).toEqual(['group', 'machine']);
    const [group, single] = [live.find(({ kind }) => kind === 'group')!, live.find(({ kind }) => kind === 'machine')!];
    expect(Object.keys(group.episodes)).toHaveLength(99);
    expect(group.commonCause).toBe('°C up');
    expect(single.caseFile.machineId).toBe('PUMP-057');
    expect(plant.pages().filter(({ incident }) => incident.incidentId === single.incidentId)).toHaveLength(1);
    expect(plant.pages().length).toBeLessThanOrEqual(4);
  });

  it('lets the failing machine keep its incident when it was the first', () => {
    const plant = createPlant();
    plant.observe(heat(1, 30));
    for (let i = 2; i <= 20; i++) plant.observe(heat(i));
    expect(plant.live().map(({ kind }) => kind)).toEqual(['machine', 'group']);
  });

  it('lets a member leave that turns out worse than its group', () => {
    const plant = createPlant();
    for (let i = 1; i <= 10; i++) plant.observe(heat(i));
    const openedAtMs = startMs + 4000;
    plant.observe({ ...heat(4, 25), kind: 'changed', severity: 'critical', openedAtMs, atMs: startMs + 5 * minuteMs });
    expect(plant.live()).toHaveLength(2);
    expect(plant.notices.at(-1)).toMatchObject({ kind: 'opened', page: { isPage: true } });
  });

  it('goes to the next level when nobody acknowledges a group, by its gravest member', () => {
    const plant = createPlant();
    plant.observe({ ...heat(1), severity: 'watch' });
    plant.observe({ ...heat(2), severity: 'critical' });
    plant.observe({ ...heat(3), severity: 'watch' });
    expect(plant.live()).toMatchObject([{ kind: 'group', severity: 'critical', state: 'open' }]);
    plant.pass(defaultIncidentPolicy.acknowledgeWithinMs.critical!);
    expect(plant.notices.at(-1)).toMatchObject({ kind: 'escalated', incident: { kind: 'group', level: 2 } });
  });

  it('comes to rest when the last machine in trouble leaves the group', () => {
    const plant = createPlant();
    for (let i = 1; i <= 3; i++) plant.observe(heat(i));
    const [group] = plant.live();
    for (let i = 1; i <= 2; i++) {
      plant.observe({ ...heat(i), kind: 'cleared', openedAtMs: heat(i).atMs, atMs: startMs + minuteMs });
    }
    plant.observe({ ...heat(3, 40), kind: 'changed', severity: 'critical', openedAtMs: heat(3).atMs });
    expect(plant.live()).toHaveLength(2);
    expect(plant.incidents.get(group!.incidentId)?.state).toBe('resolved');
  });

  it('keeps together what grows warm together: being the first of them told the next step is no trouble of its own', () => {
    const plant = createPlant();
    for (let i = 1; i <= 10; i++) plant.observe({ ...heat(i, 1.01), severity: 'watch' });
    const worsen = (severity: 'warning' | 'critical', score: number, atMs: number) => {
      for (let i = 1; i <= 10; i++)
        plant.observe({ ...heat(i, score), kind: 'changed', severity, openedAtMs: startMs + i * 1000, atMs: atMs + i });
    };
    worsen('warning', 1.53, startMs + minuteMs);
    worsen('critical', 3.93, startMs + 5 * minuteMs);
    expect(plant.live().map(({ kind, severity }) => [kind, severity])).toEqual([['group', 'critical']]);
    expect(plant.pages()).toHaveLength(2);
  });

  it('keeps machines apart that fail in quantities they do not share', () => {
    const plant = createPlant();
    for (let i = 1; i <= 10; i++) plant.observe({ ...heat(i), code: 'vibration', unit: 'mm/s' });
    expect(plant.live()).toHaveLength(10);
  });

  it('leaves an incident alone that somebody took before the group formed', () => {
    const plant = createPlant();
    plant.observe(heat(1));
    const [id] = plant.incidents.keys();
    plant.act(id!, { kind: 'acknowledge', by: 'Ines' });
    for (let i = 2; i <= 6; i++) plant.observe(heat(i));
    expect(plant.incidents.get(id!)).toMatchObject({
      state: 'acknowledged',
      kind: 'machine',
      acknowledged: { by: 'Ines' },
    });
    expect(plant.live()).toHaveLength(2);
  });
});

describe('paging', () => {
  it('goes to the next level when nobody acknowledges', () => {
    const plant = createPlant();
    plant.observe({ severity: 'critical' });
    plant.pass(defaultIncidentPolicy.acknowledgeWithinMs.critical! - 1);
    expect(plant.notices).toHaveLength(1);
    plant.pass(1);
    expect(plant.notices.at(-1)).toMatchObject({ kind: 'escalated', incident: { level: 2 } });
    plant.pass(24 * 60 * minuteMs);
    expect(plant.notices).toHaveLength(2);
  });

  it('counts pages and keeps all but critical ones quiet beyond the budget', () => {
    const plant = createPlant();
    for (let i = 0; i < 20; i++) plant.observe({ machineId: `PUMP-${i}` });
    expect(plant.pages()).toHaveLength(defaultIncidentPolicy.pageBudget);
    expect(plant.notices).toHaveLength(20);
    plant.observe({ machineId: 'PUMP-99', severity: 'critical' });
    expect(plant.notices.at(-1)?.page).toMatchObject({ isPage: true, number: defaultIncidentPolicy.pageBudget + 1 });
  });

  it('wakes from the shelf at its end, or when it gets worse', () => {
    const plant = createPlant();
    plant.observe({});
    const [id] = plant.incidents.keys();
    expect(plant.act(id!, { kind: 'shelve', by: 'Ines', reason: '', untilMs: startMs + minuteMs })).toMatch(
      /^reason: /,
    );
    expect(plant.act(id!, { kind: 'shelve', by: 'Ines', reason: 'known', untilMs: startMs - 1 })).toMatch(
      /^until: got \d{4}-.*Z; a shelf ends after now and at the latest \d{4}-.*Z$/,
    );
    plant.act(id!, { kind: 'shelve', by: 'Ines', reason: 'known', untilMs: startMs + 60 * minuteMs });
    plant.observe({ code: 'bearing_noise', unit: 'g', severity: 'critical', atMs: startMs + minuteMs });
    expect(plant.incidents.get(id!)?.state).toBe('open');
    plant.act(id!, { kind: 'shelve', by: 'Ines', reason: 'known', untilMs: startMs + 60 * minuteMs });
    plant.pass(60 * minuteMs);
    expect(plant.notices.at(-1)?.kind).toBe('shelf_ended');
  });

  it('gives as long to acknowledge after the shelf as after the beginning', () => {
    const plant = createPlant();
    plant.observe({ severity: 'critical' });
    const [id] = plant.incidents.keys();
    const withinMs = defaultIncidentPolicy.acknowledgeWithinMs.critical!;
    const shelve = () =>
      ({ kind: 'shelve', by: 'Ines', reason: 'known', untilMs: plant.nowMs() + 60 * minuteMs }) as const;
    plant.act(id!, shelve());
    plant.pass(60 * minuteMs);
    plant.act(id!, shelve());
    plant.pass(30 * minuteMs);
    plant.act(id!, { kind: 'unshelve', by: 'Ines' });
    plant.pass(withinMs - 1);
    expect(plant.notices.map(({ kind }) => kind)).toEqual(['opened', 'shelf_ended']);
    plant.pass(1);
    expect(plant.notices.at(-1)?.kind).toBe('escalated');
  });

  it('calls nobody at the end of a shelf for what went away meanwhile', () => {
    const plant = createPlant();
    plant.observe({});
    const [id] = plant.incidents.keys();
    plant.act(id!, { kind: 'shelve', by: 'Ines', reason: 'known', untilMs: startMs + 60 * minuteMs });
    plant.observe({ kind: 'cleared', openedAtMs: startMs, atMs: startMs + minuteMs });
    plant.pass(60 * minuteMs);
    expect(plant.notices.map(({ kind }) => kind)).toEqual(['opened']);
    expect(plant.incidents.get(id!)).toMatchObject({ state: 'resolved', shelf: null });
    plant.pass(defaultIncidentPolicy.flapHoldMs);
    expect(plant.incidents.get(id!)?.state).toBe('closed');
  });
});

describe('the history', () => {
  it('says who was given it, and where its episodes went', () => {
    const plant = createPlant();
    plant.observe({});
    const [id] = plant.incidents.keys();
    plant.act(id!, { kind: 'assign', by: 'Ines', to: 'Ola' });
    expect(plant.history.at(-1)).toMatchObject({ kind: 'assign', by: 'Ines', detail: { assignee: 'Ola', to: 'open' } });
    plant.act(id!, {
      kind: 'moved_out',
      episodeIds: [...Object.keys(plant.incidents.get(id!)!.episodes)],
      to: 'other',
    });
    expect(plant.history.at(-1)).toMatchObject({ kind: 'moved_out', detail: { movedTo: 'other', to: 'closed' } });
  });

  it('shows a changed, a removed and an inserted entry', () => {
    const plant = createPlant();
    plant.observe({});
    const [id] = plant.incidents.keys();
    plant.act(id!, { kind: 'acknowledge', by: 'Ines' });
    plant.act(id!, { kind: 'comment', by: 'Ines', text: 'on my way' });
    const { history } = plant;
    expect(findBreak(history, sha256)).toBeNull();
    expect(findBreak(history.with(1, { ...history[1]!, by: 'Someone' }), sha256)).toMatch(
      /changed after it was written/,
    );
    expect(findBreak(history.toSpliced(1, 1), sha256)).toMatch(/missing/);
    expect(findBreak([...history, { ...history[2]!, sequence: 4 }], sha256)).toMatch(/does not follow/);
  });
});
