import { createHash } from 'node:crypto';
import type { CaseFile } from '../../../core/incidents/case-file.ts';
import type { HistoryEntry } from '../../../core/incidents/history.ts';
import type { Incident } from '../../../core/incidents/incident.ts';
import { advance, type IncidentEvent } from '../../../core/incidents/lifecycle.ts';
import { defaultIncidentPolicy as policy } from '../../../core/incidents/policy.ts';
import { listCandidates, receive, type Touched } from '../../../core/incidents/receive.ts';
import { type Notice, settle } from '../../../core/incidents/settle.ts';
import { emptyBoard, type SiteBoard } from '../../../core/incidents/site-board.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export interface Sketch {
  readonly machineId?: string;
  readonly code?: string;
  readonly title?: string;
  readonly kind?: 'opened' | 'changed' | 'cleared';
  readonly severity?: CaseFile['transition']['severity'];
  readonly openedAtMs?: number;
  readonly atMs?: number;
  readonly unit?: string;
  readonly score?: number;
  readonly quality?: CaseFile['findings'][number]['evidence'][number]['quality'];
  readonly decision?: NonNullable<CaseFile['advice']>['decision'];
  readonly failureMode?: string;
}

export const startMs = Date.UTC(2026, 6, 1, 8);

/** An anomaly event as detection publishes it, of a pump whose bearing shakes unless told otherwise. */
export function sketchCase(sketch: Sketch = {}): CaseFile {
  const {
    machineId = 'PUMP-001',
    code = 'vibration',
    title,
    kind = 'opened',
    severity = 'warning',
    unit = 'mm/s',
  } = sketch;
  const openedAtMs = sketch.openedAtMs ?? sketch.atMs ?? startMs;
  const atMs = sketch.atMs ?? openedAtMs;
  const episodeId = `${machineId}/${code}/${openedAtMs}`;
  return {
    eventId: `${episodeId}/${kind}/${atMs}`,
    machineId,
    atMs,
    transition: { kind, episodeId, code, ...(title === undefined ? {} : { title }), severity, openedAtMs },
    machine: { machineId, machineType: 'centrifugal-pump', name: machineId, site: 'Kiel', line: 'cooling' },
    phase: null,
    context: {},
    replay: null,
    forecast: null,
    findings: [
      {
        code,
        component: 'bearing',
        severity,
        evidence: [
          {
            signal: `${code}_signal`,
            unit,
            observed: 8,
            expected: 5,
            residual: 3,
            limit: { max: 7.1 },
            quality: sketch.quality ?? 'good',
            ageMs: 0,
            score: sketch.score ?? 4,
          },
        ],
      },
    ],
    causes: [{ failureMode: sketch.failureMode ?? 'bearing_wear', component: 'bearing', weight: 0.7 }],
    advice: {
      decision: sketch.decision ?? 'schedule_intervention',
      action: 'Replace the bearings',
      requiredCheck: 'Confirm or rule out: Bearing wear',
      rationale: 'Vibration above its expectation',
      confidence: 0.75,
    },
  };
}

/** A site in memory: what the incident function does with its store, without one. */
export function createPlant(episodes: SiteBoard['episodes'] = {}) {
  let board: SiteBoard = { ...emptyBoard('Kiel'), episodes };
  const incidents = new Map<string, Incident>();
  const history: HistoryEntry[] = [];
  const notices: Notice[] = [];
  let nowMs = startMs;
  const keep = (touched: readonly Touched[], after: SiteBoard): void => {
    const settled = settle(after, touched, { nowMs, policy, hash: sha256 });
    board = settled.board;
    for (const incident of settled.incidents) incidents.set(incident.incidentId, incident);
    history.push(...settled.entries);
    notices.push(...settled.notices);
  };
  const plant = {
    incidents,
    history,
    notices,
    pages: () => notices.filter(({ page }) => page.isPage),
    live: () => [...incidents.values()].filter(({ state }) => state !== 'closed'),
    nowMs: () => nowMs,
    observe: (sketch: Sketch) => plant.take(sketchCase({ atMs: nowMs, ...sketch })),
    take: (caseFile: CaseFile) => {
      nowMs = Math.max(nowMs, caseFile.atMs);
      const candidates = listCandidates(board, caseFile).flatMap((id) => incidents.get(id) ?? []);
      const known = new Map(candidates.map((incident) => [incident.incidentId, incident]));
      const { board: after, touched } = receive({ board, incidents: known, caseFile, nowMs, policy });
      keep(touched, after);
    },
    /** Gives the sentence it was refused with, or null. */
    act: (incidentId: string, event: IncidentEvent): string | null => {
      const incident = incidents.get(incidentId)!;
      const result = advance(incident, event, { nowMs, policy });
      if (!result.ok) return result.error;
      keep([{ before: incident, event, step: result.value }], board);
      return null;
    },
    pass: (ms: number) => {
      nowMs += ms;
      for (const incidentId of incidents.keys()) plant.act(incidentId, { kind: 'tick' });
    },
  };
  return plant;
}
