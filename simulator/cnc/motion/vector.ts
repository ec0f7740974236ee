import type { Point } from './motion.ts';

/** X, Y, Z by index, so that the working plane can be any two of them. */
export type Vector = readonly [number, number, number];

export const toPoint = (v: Vector): Point => ({ x: v[0], y: v[1], z: v[2] });
export const toVector = (p: Point): Vector => [p.x, p.y, p.z];
export const subtract = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Vector, factor: number): Vector => [a[0] * factor, a[1] * factor, a[2] * factor];
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const distance = (a: Vector, b: Vector): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

export function withAxis(v: Vector, axis: number, value: number): Vector {
  return [axis === 0 ? value : v[0], axis === 1 ? value : v[1], axis === 2 ? value : v[2]];
}

/** Axis indices of a working plane: counter-clockwise from `first` to `second`, drilling along `normal`. */
export interface Plane {
  readonly first: 0 | 1 | 2;
  readonly second: 0 | 1 | 2;
  readonly normal: 0 | 1 | 2;
}

/** ISO 6983-1: G17 is XY, G18 is ZX, G19 is YZ, each right-handed. */
export const planes: Readonly<Record<17 | 18 | 19, Plane>> = {
  17: { first: 0, second: 1, normal: 2 },
  18: { first: 2, second: 0, normal: 1 },
  19: { first: 1, second: 2, normal: 0 },
};
