/** What a twin concluded of one sample, and the machine's present state that is made of it. */
import type { Counts } from '../../core/api/ledger.ts';
import type { Observation } from '../../core/detection/observation.ts';
import type { Condition, ModelChange } from '../../core/learning/machine-condition.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import type { MachineForecast } from '../../core/prognosis/forecast.ts';
import type { Sample } from '../../core/telemetry/sample.ts';
import type { RegisteredMachine } from '../ports/registry.ts';
import type { PresentState, PresentValue } from '../ports/twin-writer.ts';

export interface Observed {
  readonly observation: Observation;
  readonly context: Sample['context'];
  readonly type: MachineType;
  readonly machine: RegisteredMachine;
  readonly receivedAtMs: number;
  readonly forecast: MachineForecast | null;
  /** Made at this very sample. */
  readonly isForecastNew: boolean;
  /** Null without a state model, and while too little was seen. */
  readonly condition: Condition | null;
  /** The machine's state has just become another one. */
  readonly isStateNew: boolean;
  /** Another model has just been put in force. */
  readonly modelChange: ModelChange | null;
  /** Of the machine's samples up to this one. */
  readonly counts: Counts;
}

export function describePresent(observed: Observed): PresentState {
  const { observation, machine, receivedAtMs } = observed;
  return {
    machineId: machine.machineId,
    machineType: observation.machineType,
    sampledAtMs: observation.sampledAtMs,
    receivedAtMs,
    sequence: observation.sequence,
    phase: observation.phase,
    context: observed.context,
    severity: observation.severity,
    health: observation.health,
    advice: observation.advice,
    findings: observation.findings,
    causes: observation.causes,
    forecast: observed.forecast,
    condition: observed.condition,
    counts: observed.counts,
    values: describeValues(observed),
  };
}

export function describeValues({ observation, type, receivedAtMs }: Observed): Record<string, PresentValue> {
  const values: Record<string, PresentValue> = {};
  const delayMs = Math.max(0, receivedAtMs - observation.sampledAtMs);
  type.signals.forEach((signal, i) => {
    const quality = observation.quality[i];
    const ageMs = observation.agesMs[i] ?? null;
    // Not there, and nobody relies upon it.
    if (quality === undefined || (quality === 'missing' && !signal.required && ageMs === null)) return;
    const { unit } = signal;
    const olderByMs = quality === 'good' ? 0 : Math.max(0, (ageMs ?? 0) - delayMs);
    values[signal.name] = {
      value: finite(observation.values[i]),
      expected: finite(observation.expected[i]),
      unit,
      quality,
      ...(olderByMs > 0 ? { olderByMs } : {}),
    };
  });
  return values;
}

const finite = (value: number | undefined): number | null => (Number.isFinite(value) ? (value as number) : null);
