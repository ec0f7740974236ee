import type { HistoryEntry } from '../../core/incidents/history.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { Notice } from '../../core/incidents/settle.ts';
import type { SiteBoard } from '../../core/incidents/site-board.ts';

/** What one decision writes: all of it or nothing. */
export interface IncidentWrite {
  /** With the version it was read with; the store counts it on. */
  readonly board: SiteBoard;
  readonly incidents: readonly Incident[];
  readonly entries: readonly HistoryEntry[];
  /** To be told after the write, and kept until they are. */
  readonly notices: readonly Notice[];
}

export interface IncidentStore {
  loadBoard(site: string): Promise<SiteBoard>;
  load(incidentIds: readonly string[]): Promise<ReadonlyMap<string, Incident>>;
  /** False when somebody else wrote board or incident meanwhile: read again and decide again. */
  save(write: IncidentWrite): Promise<boolean>;
  /** Notices of an incident that are still to be told, oldest first. */
  listUntold(incidentId: string): Promise<readonly Notice[]>;
  /** True for one caller at a time: who may tell it until then. A caller that dies leaves it to the next. */
  claim(notice: Notice, nowMs: number, untilMs: number): Promise<boolean>;
  markTold(notice: Notice): Promise<void>;
  history(incidentId: string): Promise<readonly HistoryEntry[]>;
  /** True the first time. */
  useLink(linkId: string, expiresAtMs: number): Promise<boolean>;
  /** What it was used for came to nothing: it may be used again. */
  freeLink(linkId: string): Promise<void>;
}
