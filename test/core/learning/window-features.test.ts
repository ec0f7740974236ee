import { expect, it } from 'vitest';
import { nameFeatures, WindowFeatures, windowDefaults } from '../../../core/learning/window-features.ts';

const settings = { means: [2, 4], slopes: [3], recent: 2, baseline: 2, age: true };

function describeSeries(series: readonly number[]): Float32Array[] {
  const features = new WindowFeatures(1, settings);
  return series.map((value) => {
    const out = new Float32Array(features.width);
    features.update([value], out);
    return out;
  });
}

it('tells means, slope, change since the start and age of the samples so far', () => {
  const last = describeSeries([1, 3, 5, 7, 9]).at(-1)!;
  expect(nameFeatures(['x'], settings)).toEqual(['x mean 2', 'x mean 4', 'x slope 3', 'x change', 'age']);
  expect(Array.from(last)).toEqual([8, 6, 2, 6, 5]);
});

it('knows nothing of the future: another tail leaves every earlier row as it was', () => {
  const head = [1, 4, 2, 8, 5];
  const one = describeSeries([...head, 7, 1, 3]);
  const other = describeSeries([...head, 3, 99, -5]);
  expect(one.slice(0, head.length)).toEqual(other.slice(0, head.length));
});

it('leaves gaps out and uses what there is of a short history', () => {
  const [first, second] = describeSeries([4, Number.NaN]);
  expect(first![0]).toBe(4);
  expect(second![0]).toBe(4);
  expect(second![4]).toBe(2);
});

it('names as many features as it writes', () => {
  expect(nameFeatures(['a', 'b', 'c'])).toHaveLength(new WindowFeatures(3, windowDefaults).width);
});
