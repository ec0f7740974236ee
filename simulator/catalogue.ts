import { cncFaultModes, createCncMachine } from './cnc/machine.ts';
import { createGenericMachine, type GenericMachineOptions, genericFaultModes } from './generic/machine.ts';
import type { MachineOptions, SimulatedMachine } from './machine.ts';
import { createProcessMachine, processFaultModes } from './process/machine.ts';
import { createPumpMachine, type PumpOptions, pumpFaultModes } from './pump/machine.ts';

/** Everything a factory may need; each takes its own part. */
export interface FactoryOptions extends MachineOptions {
  readonly sensors?: NonNullable<GenericMachineOptions['sensors']>;
  readonly lifecycle?: NonNullable<PumpOptions['lifecycle']>;
  readonly training?: boolean;
  readonly programText?: string;
  readonly materialName?: string;
}

/** What the simulator can build: one entry a machine type. */
export interface CatalogueEntry {
  readonly defaultIntervalMs: number;
  readonly faultModes: readonly string[];
  /** The id of the n-th machine, counted from 1. */
  readonly nameMachine: (number: number) => string;
  readonly create: (options: FactoryOptions) => SimulatedMachine;
}

const numbered =
  (prefix: string, digits = 3) =>
  (number: number): string =>
    `${prefix}-${String(number).padStart(digits, '0')}`;

export const machineCatalogue: Readonly<Record<string, CatalogueEntry>> = {
  'centrifugal-pump': {
    defaultIntervalMs: 1000,
    faultModes: pumpFaultModes,
    nameMachine: numbered('PUMP'),
    create: createPumpMachine,
  },
  'cnc-mill': {
    defaultIntervalMs: 1000,
    faultModes: cncFaultModes,
    nameMachine: numbered('CNC'),
    create: createCncMachine,
  },
  'cnc-process': {
    defaultIntervalMs: 2000,
    faultModes: processFaultModes,
    nameMachine: numbered('SEAS-CNC', 2),
    create: createProcessMachine,
  },
  generic: {
    defaultIntervalMs: 1000,
    faultModes: genericFaultModes,
    nameMachine: numbered('MACHINE'),
    create: createGenericMachine,
  },
};
