import type { Counts } from '../../core/api/ledger.ts';
import type { Observation } from '../../core/detection/observation.ts';
import type { Condition } from '../../core/learning/machine-condition.ts';
import type { MachineForecast } from '../../core/prognosis/forecast.ts';
import type { Sample } from '../../core/telemetry/sample.ts';

/** A machine's present state, complete in itself: each value with unit, quality and moment. */
export interface PresentState {
  readonly machineId: string;
  readonly machineType: string;
  readonly sampledAtMs: number;
  readonly receivedAtMs: number;
  readonly sequence: number | null;
  readonly phase: string | null;
  /** Part, program, block, tool, as the sample said. */
  readonly context: Sample['context'];
  readonly severity: Observation['severity'];
  readonly health: Observation['health'];
  readonly advice: Observation['advice'];
  readonly findings: Observation['findings'];
  readonly causes: Observation['causes'];
  /** Remaining life of each component; null before the first, and after a repair. */
  readonly forecast: MachineForecast | null;
  /** The state by the machine's model; null where it has none, and while too little was seen. */
  readonly condition: Condition | null;
  readonly values: Readonly<Record<string, PresentValue>>;
  /** Of its samples, since the twin began. */
  readonly counts: Counts;
}

export interface PresentValue {
  readonly value: number | null;
  readonly expected: number | null;
  readonly unit: string;
  readonly quality: Observation['quality'][number];
  /** How much older than its sample the last believable value is; absent where it is the sample's own. */
  readonly olderByMs?: number;
}

export interface TwinWriter {
  /** A state older than the one kept is left out. Gives the machines whose state could not be written for now. */
  write(states: readonly PresentState[]): Promise<readonly string[]>;
}
