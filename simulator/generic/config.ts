import { z } from 'zod';
import { quoteGot, sayAllowed, sayNotJson } from '../../core/allowed.ts';
import { failure, type Result, success } from '../../core/result.ts';
import { isMachineId, machineIdRule } from '../../core/telemetry/topic.ts';

/** A plant's list of machines: what each measures and between which bounds it does so in ordinary work. */
const bound = z.number().min(-1e12, 'allowed is from -1e12').max(1e12, 'allowed is up to 1e12');
const sensor = z.object({ min: bound, max: bound }).refine((s) => s.max - s.min >= 1e-9, {
  message: 'min must be below max',
});

const sensorName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'allowed are letters, digits and "_"');

const machine = z.object({
  id: z.string().refine(isMachineId, `allowed is ${machineIdRule}`),
  sensors: z
    .record(sensorName, sensor)
    .refine((sensors) => Object.keys(sensors).length > 0, 'at least one sensor is needed'),
  interval_seconds: z
    .number()
    .min(0.001, 'allowed is a number from 0.001')
    .max(1e6, 'allowed is a number up to 1000000'),
});

const config = z.object({ machines: z.array(machine).min(1, 'at least one machine is needed') });

export type GenericMachineConfig = z.output<typeof machine>;
export type SensorBounds = z.output<typeof sensor>;

/** `{"machines":[…]}` or the bare list; every problem names its field, the value got and what is allowed. */
export function parseGenericConfig(text: string): Result<readonly GenericMachineConfig[], readonly string[]> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    return failure([`config is not JSON: ${sayNotJson(error)}`]);
  }
  const parsed = config.safeParse(Array.isArray(input) ? { machines: input } : input, { reportInput: true });
  if (!parsed.success) return failure(parsed.error.issues.map((issue) => describeIssue(issue)));
  const ids = parsed.data.machines.map((m) => m.id);
  const repeated = ids.findIndex((id, i) => ids.indexOf(id) !== i);
  if (repeated >= 0) return failure([`machines[${repeated}].id: "${ids[repeated]}" stands more than once`]);
  return success(parsed.data.machines);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  // A bad key carries its reason one level down.
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const field = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return `${field || 'config'}: ${sayAllowed(message)} (got ${quoteGot(issue.input)})`;
}
