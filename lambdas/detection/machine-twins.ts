import type { Severity } from '../../core/detection/observation.ts';
import type { TwinState } from '../../core/detection/state.ts';
import { createTwin, type Twin } from '../../core/detection/twin.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import type { MachineForecast } from '../../core/prognosis/forecast.ts';
import { createPrognosis, type Prognosis, type PrognosisState } from '../../core/prognosis/prognosis.ts';
import type { Urgency } from '../../core/prognosis/urgency.ts';

/** What of a machine has been told outwards: part of the state, so that a replay tells nothing twice. */
export interface Told {
  presentAtMs: number;
  severity: Severity | null;
  health: number | null;
  /** The remaining life as last told, in the steps in which it is told. */
  life: string;
  /** How urgent maintenance was told to be; absent in states from before it was. */
  urgency?: Urgency;
}

export interface MachineTwin {
  readonly type: MachineType;
  readonly twin: Twin;
  readonly prognosis: Prognosis;
  /** The last one made, at most a minute of the machine's time old. */
  forecast: MachineForecast | null;
  readonly told: Told;
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
    readonly told: Told;
  }[];
}

/** The twins of the machines of one shard, each made when its machine first speaks. */
export class MachineTwins {
  private readonly machines = new Map<string, MachineTwin>();
  private readonly findType: (name: string) => MachineType | undefined;

  constructor(findType: (name: string) => MachineType | undefined) {
    this.findType = findType;
  }

  of(machineId: string, type: MachineType): MachineTwin {
    const known = this.machines.get(machineId);
    if (known !== undefined && known.type === type) return known;
    const made = {
      type,
      twin: createTwin(type),
      prognosis: createPrognosis(type),
      forecast: null,
      told: { presentAtMs: 0, severity: null, health: null, life: '' },
    };
    this.machines.set(machineId, made);
    return made;
  }

  save(): SavedMachines {
    const machines = [...this.machines].map(([machineId, { type, twin, prognosis, forecast, told }]) => ({
      machineId,
      machineType: type.name,
      twin: twin.save(),
      prognosis: prognosis.save(),
      forecast,
      told: { ...told },
    }));
    return { version: 1, machines };
  }

  /** Adds what was saved; a machine whose type is no longer known starts afresh when it speaks. */
  restore(saved: SavedMachines): void {
    for (const machine of saved.machines) {
      const type = this.findType(machine.machineType);
      if (type === undefined) continue;
      this.machines.set(machine.machineId, {
        type,
        twin: createTwin(type, machine.twin),
        prognosis: createPrognosis(type, { saved: machine.prognosis }),
        forecast: machine.forecast,
        told: { ...machine.told },
      });
    }
  }
}
