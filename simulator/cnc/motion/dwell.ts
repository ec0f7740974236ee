import type { Word } from '../../../core/gcode/program.ts';

/** P counts milliseconds, with a decimal point seconds, as on Haas controls. */
export function readDwell(word: Word): number {
  return roundToMs(word.hasPoint ? word.value : word.value / 1000);
}

/** A control resolves one millisecond. */
export const roundToMs = (seconds: number): number => Math.round(seconds * 1000) / 1000;
