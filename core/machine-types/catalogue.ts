import { failure, type Result, success } from '../result.ts';
import { builtinMachineTypes } from './builtin.ts';
import type { MachineType } from './definition.ts';
import { loadMachineType } from './load.ts';

/** Machine types by name. */
export interface Catalogue {
  readonly types: readonly MachineType[];
  findType(name: string): MachineType | undefined;
}

/**
 * The types of `base` and those of a plant, one definition or a list of them. A plant's type of the same name replaces the
 * other one; problems name the type and the field.
 */
export function createCatalogue(
  definitions: unknown = [],
  base: readonly MachineType[] = builtinMachineTypes,
): Result<Catalogue, readonly string[]> {
  const byName = new Map(base.map((type) => [type.name, type]));
  const problems: string[] = [];
  const list: readonly unknown[] = Array.isArray(definitions) ? definitions : [definitions];
  list.forEach((input, i) => {
    const loaded = loadMachineType(input);
    if (loaded.ok) byName.set(loaded.value.name, loaded.value);
    else problems.push(...loaded.error.map((problem) => `machine type ${i + 1}: ${problem}`));
  });
  if (problems.length > 0) return failure(problems);
  return success({ types: [...byName.values()], findType: (name) => byName.get(name) });
}
