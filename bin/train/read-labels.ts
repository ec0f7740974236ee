import { z } from 'zod';
import type { Label } from '../../core/maintenance/feedback.ts';
import { readText, TrainingDataError } from './read-labelled.ts';

const textOrNull = z.string().nullable();
const momentMs = z.int().nonnegative();

const labelSchema = z
  .object({
    schemaVersion: z.literal(1),
    machineId: z.string().min(1),
    machineType: z.string().min(1),
    workOrderId: z.string(),
    component: z.string(),
    episodeId: textOrNull,
    code: textOrNull,
    predicted: textOrNull,
    actual: textOrNull,
    result: z.enum(['confirmed', 'other_cause', 'no_fault_found']),
    atMs: momentMs,
    fromMs: momentMs,
    untilMs: momentMs,
  })
  .refine(({ fromMs, untilMs }) => fromMs <= untilMs, {
    path: ['untilMs'],
    error: 'Too early: expected fromMs or later',
  });

/** What `desk labels` prints, of one site or several: a label a line, or by --json a line of all. A mistake is named, and nothing is trained. */
export function readLabels(file: string): Label[] {
  return readText(file, '--labels')
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : parseLine(line, `${file} line ${i + 1}`)));
}

function parseLine(line: string, where: string): Label[] {
  const json = parseJson(line, where);
  const all = (json as { labels?: unknown } | null)?.labels;
  if (!Array.isArray(all)) return [parseLabel(json, where)];
  return all.map((label, i) => parseLabel(label, `${where}, label ${i + 1}`));
}

function parseJson(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new TrainingDataError(`${where}: got no JSON, allowed is one label a line, as desk labels prints them`);
  }
}

function parseLabel(json: unknown, where: string): Label {
  const parsed = labelSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  const got = JSON.stringify(field === '' ? json : (json as Record<string, unknown>)[field]) ?? 'nothing';
  throw new TrainingDataError(`${where}, ${field || 'label'}: got ${got.slice(0, 40)}. ${issue?.message}`);
}
