import type { Counted } from '../../core/api/ledger.ts';
import type { KeptState, KeptSummary, Registered } from '../../core/api/present.ts';

/** The kept state of machines, to look at. */
export interface TwinReader {
  summaries(machineIds: readonly string[]): Promise<ReadonlyMap<string, KeptSummary>>;
  state(machineId: string): Promise<KeptState | undefined>;
  /** What the twins counted, of those that have said something since they count. */
  counted(machineIds: readonly string[]): Promise<ReadonlyMap<string, Counted>>;
}

export interface MachinePage {
  readonly machines: readonly Registered[];
  /** The last machine read, to go on after; null when there are no more. */
  readonly after: string | null;
}

/** The machines that the plant knows, to list. */
export interface MachineDirectory {
  list(page: { readonly limit: number; readonly after: string | null }): Promise<MachinePage>;
  find(machineId: string): Promise<Registered | undefined>;
}
