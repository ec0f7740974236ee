import { describe, expect, it } from 'vitest';
import { type Incident, incidentStates } from '../../../core/incidents/incident.ts';
import { advance, openIncident, type PersonEvent } from '../../../core/incidents/lifecycle.ts';
import { defaultIncidentPolicy as policy } from '../../../core/incidents/policy.ts';
import { mayAssign, mayComment, mayShelve, nextActs } from '../../../ui/operator/src/incidents/next-acts.ts';
import { sketchCase, startMs } from '../../core/incidents/plant.ts';

const by = 'Ines';
const comment: PersonEvent = { kind: 'comment', by, text: 'smells burnt' };
const assign: PersonEvent = { kind: 'assign', by, to: 'Ola Lind' };
const shelve: PersonEvent = { kind: 'shelve', by, reason: 'known', untilMs: startMs + 3_600_000 };

describe.each(incidentStates)('of an incident that is %s', (state) => {
  const shelf = { reason: 'known', untilMs: startMs + 1, from: 'open' } as const;
  const opened = openIncident('i', sketchCase(), { nowMs: startMs, policy });
  const incident: Incident = { ...opened, state, shelf: state === 'shelved' ? shelf : null };
  const isTaken = (event: PersonEvent): boolean => advance(incident, event, { nowMs: startMs, policy }).ok;

  it('the page offers what may be done, and nothing that is refused', () => {
    for (const [kind] of nextActs[state]) expect([kind, isTaken({ kind, by })]).toEqual([kind, true]);
    expect(mayAssign(state)).toBe(isTaken(assign));
    expect(mayComment(state)).toBe(isTaken(comment));
    expect(mayShelve(state)).toBe(isTaken(shelve));
  });
});
