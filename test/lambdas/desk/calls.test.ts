import { describe, expect, it } from 'vitest';
import { deskOperations, incidentListSchema, incidentSchema } from '../../../core/api/desk.ts';
import type { Incident } from '../../../core/incidents/incident.ts';
import { advance, openIncident, type PersonEvent } from '../../../core/incidents/lifecycle.ts';
import { defaultIncidentPolicy } from '../../../core/incidents/policy.ts';
import { failure, success } from '../../../core/result.ts';
import { deskCalls } from '../../../lambdas/desk/calls.ts';
import { createDeskHandler } from '../../../lambdas/desk/handler.ts';

const nowMs = Date.UTC(2026, 0, 1, 12);
const moment = { nowMs, policy: defaultIncidentPolicy };
const incidentId = 'PRESS-A.hot.20260101T115500Z';

const caseFile = {
  transition: {
    kind: 'opened',
    episodeId: `PRESS-A/hot/${nowMs}`,
    code: 'hot',
    severity: 'critical',
    openedAtMs: nowMs,
  },
  machine: { machineId: 'PRESS-A', machineType: 'generic', name: 'Press A', site: 'Ulm', line: 'one' },
  machineId: 'PRESS-A',
  atMs: nowMs,
  phase: null,
  findings: [],
  causes: [],
  advice: null,
} as unknown as Parameters<typeof openIncident>[1];

/** One incident behind the desk, and who asks. */
function open(groups: string) {
  let incident: Incident = openIncident(incidentId, caseFile, moment);
  const audited: Readonly<Record<string, unknown>>[] = [];
  const note = (_: string, fields: Readonly<Record<string, unknown>> = {}): void => void audited.push(fields);
  const handler = createDeskHandler({
    listLive: async (site) => (site === 'Ulm' ? [incident] : []),
    find: async (id) => (id === incidentId ? incident : undefined),
    act: async (_, event: PersonEvent) => {
      const step = advance(incident, event, moment);
      if (!step.ok) return failure(step.error);
      incident = step.value.incident;
      return success(incident);
    },
    nowMs: () => nowMs,
    roleClaim: 'groups',
    log: { info: note, warn: note, error: note },
    metrics: { count: () => undefined, durationMs: () => undefined, flush: () => undefined },
  });
  const authorizer = { jwt: { claims: { username: 'kim', groups } } };
  const call = async (routeKey: string, rest: object = {}) => {
    const reply = await handler({ routeKey, headers: {}, requestContext: { requestId: 'r', authorizer }, ...rest });
    return { statusCode: reply.statusCode, body: JSON.parse(reply.body) };
  };
  const act = (body: unknown, id = incidentId) =>
    call('POST /api/incidents/{incidentId}/acts', {
      pathParameters: { incidentId: id },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { call, act, audited };
}

describe('the desk', () => {
  it('has a call for each of its operations', () => {
    expect(Object.keys(deskCalls)).toEqual(deskOperations.map(({ id }) => id));
  });

  it('lists a site’s incidents to a viewer', async () => {
    const { body } = await open('[viewer]').call('GET /api/incidents', { queryStringParameters: { site: 'Ulm' } });
    expect(incidentListSchema.parse(body).incidents).toMatchObject([
      { incidentId, state: 'open', severity: 'critical', acknowledged: null, machineIds: ['PRESS-A'] },
    ]);
  });

  it('takes an acknowledgement from an operator, under the name of the token, into the audit trail', async () => {
    const { act, audited } = open('[operator]');
    const { statusCode, body } = await act({ kind: 'acknowledge' });
    expect(statusCode).toBe(200);
    expect(incidentSchema.parse(body)).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'kim' } });
    expect(audited).toMatchObject([
      { outcome: 'done', call: 'actOnIncident', subject: 'kim', role: 'operator', parameters: { incidentId } },
    ]);
  });

  it('refuses a viewer, and says so in the audit trail', async () => {
    const { act, audited } = open('[viewer]');
    expect((await act({ kind: 'acknowledge' })).statusCode).toBe(403);
    expect(audited).toMatchObject([{ outcome: 'refused', call: 'actOnIncident', subject: 'kim' }]);
  });

  it('refuses by a sentence what is no act, no incident, or does not fit its state', async () => {
    const { act } = open('[engineer]');
    expect((await act('{')).body.detail).toMatch(/^the body is not JSON/);
    expect((await act({ kind: 'explode' })).statusCode).toBe(400);
    expect((await act({ kind: 'acknowledge', by: 'somebody else' })).statusCode).toBe(400);
    expect((await act({ kind: 'comment', text: '  ' })).statusCode).toBe(400);
    expect((await act({ kind: 'acknowledge' }, 'PRESS-B.hot.x')).statusCode).toBe(404);
    expect((await act({ kind: 'unshelve' })).statusCode).toBe(409);
  });
});
