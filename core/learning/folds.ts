import { createRandom } from '../random/random.ts';
import { drawDistinct } from './draw.ts';

/**
 * Each row's fold, all rows of a unit in the same one: neighbouring windows of one unit are near copies, and a split by row
 * would let a model recognise the unit instead of the wear.
 */
export function foldsByUnit(units: ArrayLike<number>, folds: number, seed: number): Int32Array {
  const names = [...new Set(Array.from(units))];
  const order = drawDistinct(names.length, names.length, createRandom(`${seed}/folds`));
  const foldOf = new Map(Array.from(order, (unit, i) => [names[unit]!, i % folds]));
  return Int32Array.from(units, (unit) => foldOf.get(unit)!);
}

export const rowsWhere = (folds: Int32Array, keep: (fold: number) => boolean): Int32Array =>
  Int32Array.from(folds.keys()).filter((row) => keep(folds[row]!));
