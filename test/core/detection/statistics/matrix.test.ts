import fc from 'fast-check';
import { expect, it } from 'vitest';
import { covarianceOfCentred, eigenOfSymmetric } from '../../../../core/detection/statistics/matrix.ts';

it('finds the axes of a small matrix as on paper', () => {
  const { values, vectors } = eigenOfSymmetric([2, 1, 1, 2], 2);
  expect([...values]).toEqual([expect.closeTo(3, 9), expect.closeTo(1, 9)]);
  expect(Math.abs(vectors[0]! * vectors[1]!)).toBeCloseTo(0.5, 9);
});

it('puts any symmetric matrix together again from its axes', () => {
  const size = 4;
  fc.assert(
    fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 16, maxLength: 16 }), (cells) => {
      const matrix = Array.from(
        { length: 16 },
        (_, k) => cells[Math.min(k, (k % size) * size + Math.floor(k / size))]!,
      );
      const { values, vectors } = eigenOfSymmetric(matrix, size);
      matrix.forEach((cell, k) => {
        const [i, j] = [Math.floor(k / size), k % size];
        const sum = values.reduce(
          (s, value, axis) => s + value * vectors[axis * size + i]! * vectors[axis * size + j]!,
          0,
        );
        expect(sum).toBeCloseTo(cell, 6);
      });
    }),
  );
});

it('measures how rows vary together', () => {
  const covariance = covarianceOfCentred(
    [
      [1, 2],
      [-1, -2],
      [0, 0],
    ],
    2,
  );
  expect([...covariance]).toEqual([1, 2, 2, 4]);
});
