import type { Severity } from '../../core/detection/observation.ts';
import type { TwinState } from '../../core/detection/state.ts';
import { createTwin, type Twin } from '../../core/detection/twin.ts';
import { MachineCondition, type MachineConditionState } from '../../core/learning/machine-condition.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import { type Experience, noExperience } from '../../core/prognosis/choose.ts';
import type { MachineForecast } from '../../core/prognosis/forecast.ts';
import { createPrognosis, type Prognosis, type PrognosisState } from '../../core/prognosis/prognosis.ts';
import type { Urgency } from '../../core/prognosis/urgency.ts';
import { createTally, type Tally } from './tally.ts';

/** What of a machine has been told outwards: part of the state, so that a replay tells nothing twice. */
export interface Told {
  presentAtMs: number;
  /** When the last sample that was used was taken; absent in states from before it was kept. */
  sampledAtMs?: number;
  severity: Severity | null;
  health: number | null;
  /** The remaining life as last told, in the steps in which it is told. */
  life: string;
  /** How urgent work on a component, or on a part of it, was told to be; absent before any was. */
  urgencies?: Readonly<Record<string, { readonly urgency: Urgency; readonly part: string | null }>>;
  /** The same of the machine as a whole, only in states from before it was told of each component. */
  urgency?: Urgency;
  /** The features in which the model was told not to fit; absent before any were. */
  drift?: string;
  /** The last repairs of a work order, oldest first: each is told at least once. Absent before any was. */
  repairs?: readonly string[];
}

export interface MachineTwin {
  readonly type: MachineType;
  readonly twin: Twin;
  readonly prognosis: Prognosis;
  readonly condition: MachineCondition;
  /** The last one made, at most a minute of the machine's time old. */
  forecast: MachineForecast | null;
  readonly told: Told;
  readonly tally: Tally;
}

/** Plain JSON. */
export interface SavedMachines {
  readonly version: 1;
  readonly machines: readonly {
    readonly machineId: string;
    readonly machineType: string;
    readonly twin: TwinState;
    readonly prognosis: PrognosisState;
    readonly forecast: MachineForecast | null;
    /** Absent in states from before there were state models; null without one. */
    readonly condition?: MachineConditionState | null;
    readonly told: Told;
    /** Absent in states from before samples were counted. */
    readonly tally?: Tally;
  }[];
}

/** The twins of the machines of one shard, each made when its machine first speaks. */
export class MachineTwins {
  private readonly machines = new Map<string, MachineTwin>();
  private readonly findType: (name: string) => MachineType | undefined;
  private readonly experienceOf: (machineType: string) => Experience;

  constructor(
    findType: (name: string) => MachineType | undefined,
    experienceOf: (machineType: string) => Experience = () => noExperience,
  ) {
    this.findType = findType;
    this.experienceOf = experienceOf;
  }

  /** The version of the state model a machine is judged by. */
  modelVersionOf(machineId: string): string | null {
    return this.machines.get(machineId)?.condition.modelVersion ?? null;
  }

  /** The twin that a machine had when it was one of another type; `of` puts the new one in its place. */
  formerOf(machineId: string, type: MachineType): MachineTwin | undefined {
    const known = this.machines.get(machineId);
    return known === undefined || known.type === type ? undefined : known;
  }

  of(machineId: string, type: MachineType): MachineTwin {
    const known = this.machines.get(machineId);
    if (known !== undefined && known.type === type) return known;
    const made = {
      type,
      twin: createTwin(type),
      prognosis: createPrognosis(type, { experience: this.experienceOf(type.name) }),
      condition: new MachineCondition(signalsOf(type)),
      forecast: null,
      told: { presentAtMs: 0, severity: null, health: null, life: '' },
      tally: createTally(),
    };
    this.machines.set(machineId, made);
    return made;
  }

  save(): SavedMachines {
    const machines = [...this.machines].map(
      ([machineId, { type, twin, prognosis, condition, forecast, told, tally }]) => ({
        machineId,
        machineType: type.name,
        twin: twin.save(),
        prognosis: prognosis.save(),
        forecast,
        condition: condition.save(),
        told: { ...told },
        tally: createTally(tally),
      }),
    );
    return { version: 1, machines };
  }

  /**
   * Adds what was saved; a machine whose type is no longer known starts afresh when it speaks. After a split both shards have
   * every twin, and a machine's samples go to one of them: of two twins that a merge brings together, who received more is it.
   */
  restore(saved: SavedMachines): void {
    for (const machine of saved.machines) {
      const type = this.findType(machine.machineType);
      if (type === undefined || this.hasNewer(machine)) continue;
      this.machines.set(machine.machineId, {
        type,
        twin: createTwin(type, machine.twin),
        prognosis: createPrognosis(type, { saved: machine.prognosis, experience: this.experienceOf(type.name) }),
        condition: new MachineCondition(signalsOf(type), machine.condition ?? undefined),
        forecast: machine.forecast,
        told: { ...machine.told },
        tally: createTally(machine.tally),
      });
    }
  }

  private hasNewer({ machineId, tally }: SavedMachines['machines'][number]): boolean {
    const known = this.machines.get(machineId);
    return known !== undefined && known.tally.counts.received > (tally?.counts.received ?? 0);
  }
}

const signalsOf = (type: MachineType): string[] => type.signals.map((signal) => signal.name);
