import type { Observation } from '../../../core/detection/observation.ts';
import { createTwin, type Twin } from '../../../core/detection/twin.ts';
import { createCatalogue } from '../../../core/machine-types/catalogue.ts';
import type { MachineType } from '../../../core/machine-types/definition.ts';
import { parseSample } from '../../../core/telemetry/parse.ts';
import { machineCatalogue } from '../../../simulator/catalogue.ts';
import type { FaultPlan } from '../../../simulator/machine.ts';
import { createControls, type StreamControl } from './controls.ts';
import {
  commissioningHours,
  drawFault,
  type FaultOfLaw,
  normalHours,
  type OwnLaw,
  seedOfUnit,
  settleHours,
} from './laws.ts';

/** What one method did on one run. */
export interface MethodRun {
  readonly falseAlarms: number;
  /** From the fault's onset; null where it was not found. */
  readonly delayS: number | null;
}

export interface EpisodeRun {
  readonly fault: string;
  readonly plan: FaultPlan;
  readonly ours: MethodRun;
  readonly controls: ReadonlyMap<string, MethodRun>;
  readonly normalS: number;
  readonly causeRight: boolean;
  readonly decisionRight: boolean;
}

export interface NormalRun {
  readonly normalS: number;
  readonly ours: MethodRun;
  readonly controls: ReadonlyMap<string, MethodRun>;
}

const startMs = Date.UTC(2026, 2, 2);
/** An alarm that returns within this time is the same one: the engine's own refractory period. */
const mergeS = 600;

const catalogue = createCatalogue();
if (!catalogue.ok) throw new Error(catalogue.error.join('; '));
const known = catalogue.value;

/** One machine: commissioned, watched for a day, then put through its faults, each from the same learned state. */
export class Unit {
  private readonly law: OwnLaw;
  private readonly unit: number;
  private readonly type: MachineType;
  private learned: ReturnType<Twin['save']> | undefined;
  private readonly controls: StreamControl[];

  constructor(law: OwnLaw, unit: number) {
    this.law = law;
    this.unit = unit;
    this.type = known.findType(law.machineType)!;
    this.controls = createControls(`${law.machineType}/${unit}`);
  }

  live(): NormalRun {
    const hours = commissioningHours + normalHours;
    const twin = createTwin(this.type);
    const { normalS, ours, controls } = this.run({ twin, fromMs: startMs, hours, faults: [], controls: this.controls });
    this.learned = twin.save();
    return { normalS, ours, controls };
  }

  suffer(fault: FaultOfLaw, episode: number): EpisodeRun {
    const plan = drawFault(this.law, fault, `${this.unit}/${episode}`);
    const fromMs = startMs + (commissioningHours + normalHours + settleHours) * 3_600_000;
    const twin = createTwin(this.type, this.learned);
    const controls = this.controls.map((control) => control.fork());
    const hours = (plan.onsetS + plan.growthS) / 3600;
    const run = this.run({ twin, fromMs, hours, faults: [plan], controls });
    const opening = run.opening;
    return {
      normalS: run.normalS,
      ours: run.ours,
      controls: run.controls,
      fault: fault.mode,
      plan,
      causeRight: opening !== null && isCause(opening, plan),
      decisionRight: opening !== null && fault.decisions.includes(opening.advice.decision),
    };
  }

  /** Stops once ours has found the fault: the controls were given as long. */
  private run({ twin, fromMs, hours, faults, controls }: RunPlan): NormalRun & { opening: Observation | null } {
    const { law } = this;
    const { programTexts } = law;
    const machine = machineCatalogue[law.machineType]!.create({
      machineId: `OWN-${this.unit}`,
      seed: seedOfUnit(this.unit),
      startMs: fromMs,
      intervalMs: law.intervalS * 1000,
      faults,
      ...(programTexts === undefined ? {} : { programText: programTexts[this.unit % programTexts.length]! }),
    });
    const onsetS = faults[0]?.onsetS ?? Number.POSITIVE_INFINITY;
    const ours = new Tally(onsetS);
    const others = new Map(controls.map((control) => [control.name, new Tally(onsetS)]));
    const rows = Math.floor((hours * 3600) / law.intervalS);
    let opening: Observation | null = null;
    for (let row = 0; row < rows && opening === null; row++) {
      const sample = parseSample(machine.next().payload, known);
      if (!sample.ok) throw new Error(sample.error.message);
      const atS = row * law.intervalS;
      for (const control of controls) others.get(control.name)!.see(control.alarms(sample.value, row), atS);
      const seen = twin.observe(sample.value);
      for (const { kind } of seen.transitions) if (kind === 'opened') ours.open(atS);
      if (ours.delayS !== null) opening = seen;
    }
    return { normalS: Math.min(onsetS, hours * 3600), ours: ours.result, controls: resultsOf(others), opening };
  }
}

const resultsOf = (tallies: ReadonlyMap<string, Tally>): Map<string, MethodRun> =>
  new Map([...tallies].map(([name, tally]) => [name, tally.result]));

interface RunPlan {
  readonly twin: Twin;
  readonly fromMs: number;
  readonly hours: number;
  readonly faults: readonly FaultPlan[];
  readonly controls: readonly StreamControl[];
}

function isCause({ causes }: Observation, { mode, component }: FaultPlan): boolean {
  const first = causes[0];
  return first?.failureMode === mode && (component === undefined || first.component === component);
}

/** Counts alarms as events: right when they begin inside the episode. */
class Tally {
  private falseAlarms = 0;
  delayS: number | null = null;
  private readonly onsetS: number;
  private lastAtS = Number.NEGATIVE_INFINITY;

  constructor(onsetS: number) {
    this.onsetS = onsetS;
  }

  get result(): MethodRun {
    return { falseAlarms: this.falseAlarms, delayS: this.delayS };
  }

  see(alarm: boolean, atS: number): void {
    if (!alarm) return;
    const isNew = atS - this.lastAtS > mergeS;
    this.lastAtS = atS;
    if (isNew) this.open(atS);
  }

  open(atS: number): void {
    if (atS < this.onsetS) this.falseAlarms++;
    else this.delayS ??= atS - this.onsetS;
  }
}
