import { builtinMachineTypes } from '../../core/machine-types/builtin.ts';
import type { Catalogue } from './read-batch.ts';

const byName = new Map(builtinMachineTypes.map((type) => [type.name, type]));

export const builtinCatalogue: Catalogue = { types: builtinMachineTypes, findType: (name) => byName.get(name) };
