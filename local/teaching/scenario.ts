/**
 * The teaching scenario beside the real pipeline: its 240 published events and what the twin says of each, drawn one by
 * one. Seed, first timestamp and order are fixed, so that two classrooms see the same bytes; a reset begins anew.
 */
import type { Observation } from '../../core/detection/observation.ts';
import { createTwin, type Twin } from '../../core/detection/twin.ts';
import { builtinMachineTypes } from '../../core/machine-types/builtin.ts';
import { parseSample } from '../../core/telemetry/parse.ts';
import type { SimulatedMachine } from '../../simulator/machine.ts';
import { createProcessMachine } from '../../simulator/process/machine.ts';

type Payload = Readonly<Record<string, unknown>>;

export interface Lesson {
  readonly event: Payload;
  readonly twin: {
    readonly codes: readonly string[];
    readonly severity: Observation['severity'];
    readonly healthPercent: number;
    readonly decision: Observation['advice']['decision'];
    readonly action: string;
    readonly requiredCheck: string;
    readonly rationale: string;
    readonly confidence: number;
  };
}

export interface Progress {
  readonly machineId: string;
  readonly events: number;
  readonly last: Lesson | null;
  readonly codes: Readonly<Record<string, number>>;
  readonly decisions: Readonly<Record<string, number>>;
}

export const sampleRunEvents = 240;
const machineId = 'SEAS-CNC-01';
const options = { machineId, seed: 7, startMs: Date.UTC(2026, 0, 1), intervalMs: 2000, faults: [] };
const type = builtinMachineTypes.find(({ name }) => name === 'cnc-process')!;
const context = { types: [type], findType: (name: string) => (name === type.name ? type : undefined) };

export class Scenario {
  private machine: SimulatedMachine = createProcessMachine(options);
  private twin: Twin = createTwin(type);
  readonly lessons: Lesson[] = [];

  next(): Lesson {
    const { payload } = this.machine.next();
    const parsed = parseSample(payload, context);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const lesson = { event: payload, twin: describe(this.twin.observe(parsed.value)) };
    this.lessons.push(lesson);
    return lesson;
  }

  reset(): void {
    this.machine = createProcessMachine(options);
    this.twin = createTwin(type);
    this.lessons.length = 0;
  }

  progress(): Progress {
    const { lessons } = this;
    return {
      machineId,
      events: lessons.length,
      last: lessons.at(-1) ?? null,
      codes: countEach(lessons.flatMap(({ twin }) => twin.codes)),
      decisions: countEach(lessons.map(({ twin }) => twin.decision)),
    };
  }
}

const describe = ({ findings, severity, health, advice }: Observation): Lesson['twin'] => ({
  codes: findings.map((finding) => finding.code),
  severity,
  healthPercent: health.machine,
  decision: advice.decision,
  action: advice.action,
  requiredCheck: advice.requiredCheck,
  rationale: advice.rationale,
  confidence: advice.confidence,
});

function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** The event's fields, then what the twin concluded. */
export function toCsv(lessons: readonly Lesson[]): string {
  const rows = lessons.map(({ event, twin }) => {
    const { codes, severity, healthPercent, decision } = twin;
    return { ...event, codes: codes.join(' '), severity, health_percent: healthPercent, decision };
  });
  const lines = rows.map((row) => Object.values(row).map(toCell).join(','));
  return rows.length === 0 ? '' : `${[Object.keys(rows[0]!).join(','), ...lines].join('\n')}\n`;
}

const toCell = (value: unknown): string => {
  const text = value === null ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export function sampleRun(): string {
  const scenario = new Scenario();
  for (let i = 0; i < sampleRunEvents; i++) scenario.next();
  return toCsv(scenario.lessons);
}
