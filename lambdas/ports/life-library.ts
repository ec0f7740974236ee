import type { FinishedLife } from '../../core/prognosis/similarity.ts';

/** The life of a component that was renewed, as its machine's twin saw it. */
export interface FinishedMachineLife {
  readonly machineType: string;
  readonly machineId: string;
  readonly endedAtMs: number;
  /** The same on every delivery of the event that ended it. */
  readonly id: string;
  readonly life: FinishedLife;
}

export interface LifeLibrary {
  /** Adding a life again changes nothing. Throws where it cannot be kept now. */
  add(lives: readonly FinishedMachineLife[]): Promise<void>;
  /** The newest of a machine type, at most `limit`. */
  newest(machineType: string, limit: number): Promise<readonly FinishedLife[]>;
}
