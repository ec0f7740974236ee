import { z } from 'zod';
import { quoteGot, sayAllowed, sayNotJson } from '../../core/allowed.ts';
import { criticalities } from '../../core/api/criticality.ts';
import { failure, type Result, success } from '../../core/result.ts';
import { isMachineId, machineIdRule } from '../../core/telemetry/topic.ts';

/** A machine as the plant describes it: one entry of machines.json, one item of the registry. */
const machineSchema = z.strictObject({
  machineId: z.string().refine(isMachineId, { message: `allowed is ${machineIdRule}` }),
  machineType: z.string().min(1),
  name: z.string().min(1).max(100).optional(),
  site: z.string().max(100).default(''),
  line: z.string().max(100).default(''),
  /** How much the plant depends on it. */
  criticality: z.enum(criticalities).default('medium'),
  downtimeEurPerHour: z.number().nonnegative().default(0),
  commissionedOn: z.iso.date().optional(),
  /** Model versions that this machine stays with, by model name. */
  modelPins: z.record(z.string(), z.string()).default({}),
});

export type MachineEntry = z.output<typeof machineSchema>;

const fileSchema = z.union([z.array(machineSchema), z.strictObject({ machines: z.array(machineSchema) })]);

/** Reads machines.json: a list, or `{"machines":[…]}`. Every problem names machine, field, value and what is allowed. */
export function parseRegistryFile(
  text: string,
  knownTypes: readonly string[],
): Result<readonly MachineEntry[], readonly string[]> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const list = Array.isArray(json.value) ? json.value : (json.value as { machines?: unknown } | null)?.machines;
  if (!Array.isArray(list)) return failure(['got no list; allowed is [ {…}, … ] or {"machines": [ {…}, … ]}']);
  const parsed = fileSchema.safeParse(list, { reportInput: true });
  const problems = parsed.success ? [] : list.flatMap(describeEntry);
  const machines = parsed.success ? (parsed.data as MachineEntry[]) : [];
  problems.push(...findContradictions(machines, knownTypes));
  return problems.length > 0 ? failure(problems) : success(machines);
}

function parseJson(text: string): Result<unknown, readonly string[]> {
  try {
    return success(JSON.parse(text));
  } catch (error) {
    return failure([`not JSON: ${sayNotJson(error)}`]);
  }
}

function describeEntry(entry: unknown, i: number): string[] {
  const parsed = machineSchema.safeParse(entry, { reportInput: true });
  if (parsed.success) return [];
  const name = (entry as { machineId?: unknown } | null)?.machineId ?? `number ${i + 1}`;
  return parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `machine ${name}: ${sayAllowed(issue.message)}`;
    return `machine ${name}: ${issue.path.join('.') || 'entry'}: got ${quoteGot(issue.input)}; ${sayAllowed(issue.message)}`;
  });
}

function findContradictions(machines: readonly MachineEntry[], knownTypes: readonly string[]): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { machineId, machineType } of machines) {
    if (seen.has(machineId)) problems.push(`machine ${machineId}: stands more than once`);
    seen.add(machineId);
    if (!knownTypes.includes(machineType)) {
      problems.push(`machine ${machineId}: machineType: got "${machineType}"; allowed are ${knownTypes.join(', ')}`);
    }
  }
  return problems;
}
