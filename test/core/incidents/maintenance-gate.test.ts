import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropoutCode } from '../../../core/advice/advise.ts';
import { decisions, severities, valueQualities } from '../../../core/detection/observation.ts';
import type { CaseFile } from '../../../core/incidents/case-file.ts';
import { openIncident } from '../../../core/incidents/lifecycle.ts';
import { mayRequestMaintenance } from '../../../core/incidents/maintenance-gate.ts';
import { defaultIncidentPolicy as policy } from '../../../core/incidents/policy.ts';
import { type Sketch, sketchCase, startMs } from './plant.ts';

const incidentOf = (caseFile: CaseFile) => openIncident('one', caseFile, { nowMs: startMs, policy });
const asks = (sketch: Sketch): boolean => mayRequestMaintenance(incidentOf(sketchCase(sketch)));

describe('the twin', () => {
  it('asks for work on a trusted sign of one machine, early or late', () => {
    expect(asks({})).toBe(true);
    expect(asks({ severity: 'watch' })).toBe(true);
  });

  it('waits with an early sign that the hall may have too, until it has grown', () => {
    expect(asks({ severity: 'watch', unit: '°C' })).toBe(false);
    expect(asks({ severity: 'warning', unit: '°C' })).toBe(true);
  });

  it('never asks on data that cannot be trusted, nor for a group, nor against its own advice', () => {
    const sketches = fc.record({
      severity: fc.constantFrom(...severities),
      quality: fc.constantFrom(...valueQualities),
      decision: fc.constantFrom(...decisions),
      unit: fc.constantFrom('mm/s', '°C'),
      isGroup: fc.boolean(),
      hasValue: fc.boolean(),
      hasDropout: fc.boolean(),
      hasCause: fc.boolean(),
    });
    fc.assert(
      fc.property(sketches, ({ isGroup, hasValue, hasDropout, hasCause, ...sketch }) => {
        const made = sketchCase(sketch);
        const evidence = made.findings[0]!.evidence.map((one) => (hasValue ? one : { ...one, observed: null }));
        const dropout = { code: dropoutCode, component: null, severity: 'critical' as const, evidence: [] };
        const findings = [{ ...made.findings[0]!, evidence }, ...(hasDropout ? [dropout] : [])];
        const incident = incidentOf({ ...made, findings, causes: hasCause ? made.causes : [] });
        const asked = mayRequestMaintenance({ ...incident, kind: isGroup ? 'group' : 'machine' });
        const isTrusted = sketch.quality === 'good' && hasValue && !hasDropout;
        if (!isTrusted || isGroup || !hasCause) expect(asked).toBe(false);
        if (sketch.decision !== 'schedule_intervention') expect(asked).toBe(false);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
