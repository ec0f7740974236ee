import type { CaseFile } from '../../core/incidents/case-file.ts';
import { openIncident } from '../../core/incidents/lifecycle.ts';
import { defaultIncidentPolicy as policy } from '../../core/incidents/policy.ts';
import type { Notice } from '../../core/incidents/settle.ts';

/** An incident that never was, and says so. */
export function exampleNotice(nowMs: number): Notice {
  const caseFile: CaseFile = {
    eventId: `test/${nowMs}`,
    machineId: 'TEST-001',
    atMs: nowMs,
    transition: {
      kind: 'opened',
      episodeId: `TEST-001/test/${nowMs}`,
      code: 'test_alert',
      severity: 'warning',
      openedAtMs: nowMs,
    },
    machine: { machineId: 'TEST-001', machineType: 'generic', name: 'Test machine', site: 'Test', line: 'Test' },
    phase: null,
    context: {},
    replay: null,
    forecast: null,
    findings: [],
    causes: [],
    advice: {
      decision: 'proceed',
      action: 'Nothing: this is a test of the channel',
      requiredCheck: 'It arrived, and reads well',
      rationale: 'Somebody ran npm run test-alert',
      confidence: 1,
    },
  };
  const incident = openIncident(`test-${nowMs}`, caseFile, { nowMs, policy });
  return {
    noticeId: `test-${nowMs}/1`,
    kind: 'opened',
    atMs: nowMs,
    incident,
    page: { isPage: true, number: 0, budget: policy.pageBudget },
  };
}
