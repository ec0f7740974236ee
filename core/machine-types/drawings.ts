import { z } from 'zod';
import { nameSchema as name } from './name.ts';

/** What a page draws of a machine besides its signals over time: data too, so that a plant's own type has its own. */
const curve = z.strictObject({
  title: z.string().min(1),
  /** The signal it tells; the map's `y` when none is named. */
  y: name.optional(),
  /** y = Σ polynomial[i]·xⁱ, from `from` to `to`. */
  polynomial: z.array(z.number()).min(1).max(6),
  from: z.number(),
  to: z.number(),
  /** By the ratio s of a signal to its reference: x grows with s^xPower, y with s^yPower (affinity laws: flow 1, head 2). */
  scaledBy: z
    .strictObject({ signal: name, reference: z.number().positive(), xPower: z.number(), yPower: z.number() })
    .optional(),
});

const operatingMap = z.strictObject({ x: name, y: name, curves: z.array(curve).max(6).default([]) });

const toolPath = z.strictObject({
  x: name,
  y: name,
  /** What the path is coloured by. */
  load: name,
  /** Above 0 where the tool removes material. */
  removal: name.optional(),
});

export const drawingsSchema = z.strictObject({
  operatingMap: operatingMap.optional(),
  toolPath: toolPath.optional(),
});

export type Drawings = z.output<typeof drawingsSchema>;

/** Every signal a drawing needs, with the field that names it. */
export function signalsOfDrawings({ operatingMap, toolPath }: Drawings): (readonly [field: string, signal: string])[] {
  const named: [string, string | undefined][] = Object.entries(toolPath ?? {}).map(([key, signal]) => [
    `toolPath.${key}`,
    signal,
  ]);
  if (operatingMap !== undefined) {
    named.push(['operatingMap.x', operatingMap.x], ['operatingMap.y', operatingMap.y]);
    operatingMap.curves.forEach(({ y, scaledBy }, i) => {
      named.push([`operatingMap.curves[${i}].y`, y], [`operatingMap.curves[${i}].scaledBy`, scaledBy?.signal]);
    });
  }
  return named.flatMap(([field, signal]) => (signal === undefined ? [] : [[field, signal] as const]));
}
