import { failure, type Result, success } from '../result.ts';
import { builtinMachineTypes } from './builtin.ts';
import type { MachineType } from './definition.ts';
import { loadMachineType } from './load.ts';

/** The machine types an installation knows: the built-in ones and the plant's own. */
export interface Catalogue {
  readonly types: readonly MachineType[];
  findType(name: string): MachineType | undefined;
}

/** A plant's type of the same name replaces the built-in one; problems name the type and the field. */
export function createCatalogue(plantTypes: readonly unknown[] = []): Result<Catalogue, readonly string[]> {
  const byName = new Map(builtinMachineTypes.map((type) => [type.name, type]));
  const problems: string[] = [];
  plantTypes.forEach((input, i) => {
    const loaded = loadMachineType(input);
    if (loaded.ok) byName.set(loaded.value.name, loaded.value);
    else problems.push(...loaded.error.map((problem) => `machine type ${i + 1}: ${problem}`));
  });
  if (problems.length > 0) return failure(problems);
  return success({ types: [...byName.values()], findType: (name) => byName.get(name) });
}
