import { z } from 'zod';
import type { TaughtMoment } from '../../core/prognosis/life-ensemble.ts';
import { readText, TrainingDataError } from './read-labelled.ts';

const lifeSchema = z.object({
  failureMode: z.string().min(1),
  onsetHours: z.number().nonnegative(),
  curve: z.array(z.object({ hours: z.number().nonnegative(), index: z.number() })).min(2),
});

/** So many moments of each life: more of the same curve teach little. */
const momentsPerLife = 30;

/**
 * Finished lives, one a line as JSON, as the table of lives holds them: each is cut off at many moments, and the rest is what was
 * left. The curve was smoothed knowing its end, so the figures judged by such lives flatter a little. A life has no name: its line is.
 */
export function readFinishedLives(file: string): Map<string, TaughtMoment[]> {
  const lines = readText(file).trimEnd().split('\n');
  return new Map(lines.map((line, i) => [line, cutOff(parseLife(line, `${file} line ${i + 1}`), i)]));
}

function parseLife(line: string, where: string): z.output<typeof lifeSchema> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new TrainingDataError(`${where}: got no JSON, allowed is one finished life a line`);
  }
  const parsed = lifeSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new TrainingDataError(`${where}: ${issue?.path.join('.') || 'life'}: ${issue?.message}`);
}

function cutOff({ failureMode, onsetHours, curve }: z.output<typeof lifeSchema>, life: number): TaughtMoment[] {
  const endHours = curve.at(-1)?.hours ?? 0;
  const stride = Math.max(1, Math.floor(curve.length / momentsPerLife));
  return curve.flatMap(({ hours }, i) => {
    if (i === 0 || i % stride !== 0 || hours >= endHours) return [];
    return [{ failureMode, onsetHours, curve: curve.slice(0, i + 1), life, leftHours: endHours - hours }];
  });
}
