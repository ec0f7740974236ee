import { sayNotJson } from '../allowed.ts';
import { failure } from '../result.ts';
import { builtinMachineTypes } from './builtin.ts';
import { type Catalogue, createCatalogue } from './catalogue.ts';

const file = 'core/machine-types/plant.json';
/** Imported late: a file that is no JSON would end the process before anybody could say which it is. */
const catalogue = await import('./plant.json', { with: { type: 'json' } }).then(
  ({ default: plant }) => createCatalogue(plant),
  (error: Error) => failure([`it is no JSON: ${sayNotJson(error).replace(/^.*plant\.json"?: /, '')}`]),
);

/** What is wrong with the plant's own types, a sentence each: commands and synthesis refuse to go on. */
export const plantProblems: readonly string[] = catalogue.ok
  ? []
  : catalogue.error.map((problem) => `${file}: ${problem}`);

/** The types of this installation, known alike to functions, stacks and commands: the built-in ones and plant.json. */
export const knownTypes: Catalogue = catalogue.ok
  ? catalogue.value
  : { types: builtinMachineTypes, findType: (name) => builtinMachineTypes.find((type) => type.name === name) };

export const knownTypeNames = (): string =>
  knownTypes.types
    .map(({ name }) => name)
    .sort()
    .join(', ');
