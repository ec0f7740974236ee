import centrifugalPump from './builtin/centrifugal-pump.json' with { type: 'json' };
import cncMill from './builtin/cnc-mill.json' with { type: 'json' };
import cncProcess from './builtin/cnc-process.json' with { type: 'json' };
import generic from './builtin/generic.json' with { type: 'json' };
import type { MachineType } from './definition.ts';
import { loadMachineType } from './load.ts';

/** The types every installation knows, in the order they are tried on a payload that names none. */
export const builtinMachineTypes: readonly MachineType[] = [cncProcess, cncMill, centrifugalPump, generic].map(load);

function load(definition: unknown): MachineType {
  const loaded = loadMachineType(definition);
  if (!loaded.ok) throw new Error(`a built-in machine type is wrong: ${loaded.error.join('; ')}`);
  return loaded.value;
}
