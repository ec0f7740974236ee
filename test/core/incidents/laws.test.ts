import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findBreak } from '../../../core/incidents/history.ts';
import { incidentStates } from '../../../core/incidents/incident.ts';
import type { IncidentEvent } from '../../../core/incidents/lifecycle.ts';
import { createPlant, type Sketch, sha256, startMs } from './plant.ts';

type Happening =
  | { readonly is: 'seen'; readonly sketch: Sketch }
  | { readonly is: 'done'; readonly which: number; readonly event: IncidentEvent }
  | { readonly is: 'passed'; readonly ms: number };

const sketches: fc.Arbitrary<Sketch> = fc.record({
  machineId: fc.constantFrom('PUMP-1', 'PUMP-2', 'PUMP-3', 'PUMP-4'),
  code: fc.constantFrom('vibration', 'bearing_heat', 'sensor_dropout'),
  unit: fc.constantFrom('mm/s', '°C'),
  kind: fc.constantFrom('opened', 'changed', 'cleared'),
  severity: fc.constantFrom('watch', 'warning', 'critical'),
  openedAtMs: fc.integer({ min: 0, max: 3 }).map((n) => startMs + n * 60_000),
  score: fc.integer({ min: 1, max: 30 }),
});

const by = fc.constantFrom('Ines', 'Ola', '');
const personEvents: fc.Arbitrary<IncidentEvent> = fc.oneof(
  fc.record({ kind: fc.constantFrom('acknowledge', 'start_work', 'resolve', 'close', 'reopen', 'unshelve'), by }),
  fc.record({ kind: fc.constant('assign' as const), by, to: by }),
  fc.record({ kind: fc.constant('comment' as const), by, text: by }),
  fc.record({
    kind: fc.constant('shelve' as const),
    by,
    reason: by,
    untilMs: fc.integer({ min: -1, max: 40 * 24 }).map((hours) => startMs + hours * 3_600_000),
  }),
);

const happenings: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: sketches.map((sketch) => ({ is: 'seen' as const, sketch })) },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('done' as const), which: fc.nat(7), event: personEvents }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 5_000_000 }).map((ms) => ({ is: 'passed' as const, ms })) },
);

function live(sequence: readonly Happening[], check: (plant: ReturnType<typeof createPlant>) => void) {
  const plant = createPlant();
  for (const happening of sequence) {
    const ids = [...plant.incidents.keys()];
    if (happening.is === 'seen') plant.observe(happening.sketch);
    else if (happening.is === 'passed') plant.pass(happening.ms);
    else if (ids.length > 0) plant.act(ids[happening.which % ids.length]!, happening.event);
    check(plant);
  }
  return plant;
}

it('knows no illegal state, loses no acknowledgement, and never leaves the end', () => {
  fc.assert(
    fc.property(fc.array(happenings, { maxLength: 60 }), (sequence) => {
      const acknowledgedBy = new Map<string, string>();
      const closed = new Set<string>();
      live(sequence, ({ incidents }) => {
        for (const [id, incident] of incidents) {
          expect(incidentStates).toContain(incident.state);
          if (closed.has(id)) expect(incident.state).toBe('closed');
          if (incident.state === 'closed') closed.add(id);
          if (acknowledgedBy.has(id)) expect(incident.acknowledged?.by).toBe(acknowledgedBy.get(id));
          if (incident.acknowledged !== null) acknowledgedBy.set(id, incident.acknowledged.by);
          if (incident.acknowledged !== null) expect(incident.state).not.toBe('open');
          expect(incident.shelf === null).toBe(incident.state !== 'shelved');
          if (incident.state === 'in_work') expect(incident.acknowledged).not.toBeNull();
        }
      });
    }),
    { numRuns: 300, seed: 7 },
  );
});

it('keeps every episode in exactly one live incident, and an unbroken history', () => {
  fc.assert(
    fc.property(fc.array(happenings, { maxLength: 60 }), (sequence) => {
      const plant = live(sequence, ({ live: list }) => {
        const episodes = list().flatMap(({ episodes }) => Object.keys(episodes));
        expect(new Set(episodes).size).toBe(episodes.length);
      });
      for (const id of plant.incidents.keys()) {
        expect(
          findBreak(
            plant.history.filter(({ incidentId }) => incidentId === id),
            sha256,
          ),
        ).toBeNull();
      }
    }),
    { numRuns: 200, seed: 7 },
  );
});

it('changes nothing when the whole stream is delivered again', () => {
  fc.assert(
    fc.property(fc.array(sketches, { maxLength: 30 }), (stream) => {
      const plant = createPlant();
      for (const sketch of stream) plant.observe(sketch);
      const before = JSON.stringify([...plant.incidents]);
      const told = plant.notices.length;
      for (const sketch of stream) plant.observe(sketch);
      expect(JSON.stringify([...plant.incidents])).toBe(before);
      expect(plant.notices).toHaveLength(told);
    }),
    { numRuns: 200, seed: 7 },
  );
});
