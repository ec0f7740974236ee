/**
 * The part of the Amazon States Language that is modelled: JSONPath, all types of states, inline maps, and the fields
 * below. Anything else in a definition stops the start with a sentence: JSONata, distributed maps, other integrations.
 * Source: states-language.net/spec.html.
 */
import { z } from 'zod';
import { checkRule, type Rule } from './choice-rules.ts';
import { pathPattern } from './data-flow.ts';
import { checkIntrinsic, isIntrinsic } from './intrinsic-functions.ts';

const path = z.string().regex(pathPattern, "a path is $, $.field.field, $.list[0], $['field'] or $$.Task.Token");
const referencePath = z.string().regex(/^\$(\.[A-Za-z_][\w-]*)*$/, 'a result is put at $ or at $.field.field');
const wholePath = z.union([path, z.null()]).default('$');
const template = z.record(z.string(), z.unknown()).superRefine((value, context) => {
  const message = findTemplateFault(value);
  if (message !== null) context.addIssue({ code: 'custom', message });
});
const seconds = z.number().positive();

const comment = { Comment: z.string().optional() };
const next = { Next: z.string().optional(), End: z.literal(true).optional() };
const inAndOut = { ...comment, InputPath: wholePath, OutputPath: wholePath };
const result = { ResultSelector: template.optional(), ResultPath: z.union([referencePath, z.null()]).default('$') };

const errors = z.array(z.string()).min(1);
const retrier = z.strictObject({
  ...comment,
  ErrorEquals: errors,
  IntervalSeconds: z.int().positive().default(1),
  MaxAttempts: z.int().nonnegative().default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().positive().optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
});
const catcher = z.strictObject({
  ...comment,
  ErrorEquals: errors,
  Next: z.string(),
  ResultPath: z.union([referencePath, z.null()]).default('$'),
});
const mending = { Retry: z.array(retrier).default([]), Catch: z.array(catcher).default([]) };

export const lambdaInvoke = 'arn:aws:states:::lambda:invoke';
export const lambdaInvokeForToken = 'arn:aws:states:::lambda:invoke.waitForTaskToken';

const task = z.strictObject({
  ...{ ...inAndOut, ...result, ...mending, ...next },
  Type: z.literal('Task'),
  Resource: z.enum([lambdaInvoke, lambdaInvokeForToken]),
  Parameters: template,
  TimeoutSeconds: seconds.optional(),
  TimeoutSecondsPath: path.optional(),
  HeartbeatSeconds: seconds.optional(),
  HeartbeatSecondsPath: path.optional(),
});
const pass = z.strictObject({
  ...{ ...inAndOut, ...next },
  Type: z.literal('Pass'),
  Result: z.unknown().optional(),
  Parameters: template.optional(),
  ResultPath: result.ResultPath,
});
const choice = z.strictObject({
  ...inAndOut,
  Type: z.literal('Choice'),
  Choices: z.array(z.looseObject({ Next: z.string() })).min(1),
  Default: z.string().optional(),
});
const wait = z.strictObject({
  ...{ ...inAndOut, ...next },
  Type: z.literal('Wait'),
  Seconds: z.number().nonnegative().optional(),
  SecondsPath: path.optional(),
  Timestamp: z.iso.datetime({ offset: true }).optional(),
  TimestampPath: path.optional(),
});
const succeed = z.strictObject({ ...inAndOut, Type: z.literal('Succeed') });
const fail = z.strictObject({
  ...comment,
  Type: z.literal('Fail'),
  Error: z.string().optional(),
  ErrorPath: path.optional(),
  Cause: z.string().optional(),
  CausePath: path.optional(),
});
const nested: z.ZodType<StateMachine> = z.lazy(() => machine);
const parallel = z.strictObject({
  ...{ ...inAndOut, ...result, ...mending, ...next },
  Type: z.literal('Parallel'),
  Parameters: template.optional(),
  Branches: z.array(nested).min(1),
});
const map = z.strictObject({
  ...{ ...inAndOut, ...result, ...mending, ...next },
  Type: z.literal('Map'),
  ItemsPath: path.default('$'),
  ItemSelector: template.optional(),
  MaxConcurrency: z.int().nonnegative().default(0),
  ItemProcessor: nested,
});

const state = z.discriminatedUnion('Type', [task, pass, choice, wait, succeed, fail, parallel, map]);
const machine = z.strictObject({
  ...comment,
  QueryLanguage: z.literal('JSONPath').optional(),
  ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE') }).optional(),
  TimeoutSeconds: seconds.optional(),
  StartAt: z.string(),
  States: z.record(z.string(), state),
});

export type State = z.output<typeof state>;
export interface StateMachine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number | undefined;
}
export type TaskState = z.output<typeof task>;
export type ChoiceState = z.output<typeof choice>;
export type PassState = z.output<typeof pass>;
export type WaitState = z.output<typeof wait>;
export type FailState = z.output<typeof fail>;
export type ParallelState = z.output<typeof parallel>;
export type MapState = z.output<typeof map>;
/** Those that give a result and whose errors can be mended. */
export type WorkingState = TaskState | ParallelState | MapState;

export const isWorking = (given: State | undefined): given is WorkingState =>
  given?.Type === 'Task' || given?.Type === 'Parallel' || given?.Type === 'Map';

/** Throws an Error with one sentence that names state and field. */
export function readDefinition(text: string): StateMachine {
  const parsed = machine.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(
      `DefinitionString, ${issue?.path.join('.') || 'top'}: ${issue?.message}: not modelled here, or not allowed`,
    );
  }
  checkStates(parsed.data, '');
  return parsed.data;
}

function checkStates(definition: StateMachine, where: string): void {
  const names = new Set(Object.keys(definition.States));
  for (const [name, given] of [['StartAt', undefined] as const, ...Object.entries(definition.States)]) {
    const fault = given === undefined ? findLost([definition.StartAt], names) : findFault(given, names);
    if (fault !== null) throw new Error(`DefinitionString, ${where}${name}: ${fault}`);
    if (given?.Type === 'Map') checkStates(given.ItemProcessor, `${where}${name}.`);
    if (given?.Type === 'Parallel') for (const branch of given.Branches) checkStates(branch, `${where}${name}.`);
  }
}

function findFault(given: State, names: ReadonlySet<string>): string | null {
  if ('End' in given || 'Next' in given || ['Task', 'Pass', 'Wait', 'Parallel', 'Map'].includes(given.Type)) {
    const { Next, End } = given as { Next?: string; End?: true };
    if ((Next === undefined) === (End === undefined)) return 'it has either Next or End';
  }
  if (given.Type === 'Wait' && countGiven(given, ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath']) !== 1)
    return 'it waits for one of Seconds, SecondsPath, Timestamp and TimestampPath';
  if (given.Type === 'Choice') {
    const fault = findRuleFault(given.Choices);
    if (fault !== null) return fault;
  }
  if (given.Type === 'Task') {
    const fault = findTimeFault(given);
    if (fault !== null) return fault;
  }
  return (isWorking(given) ? findMendingFault(given) : null) ?? findLost(listTargets(given), names);
}

function findTimeFault(given: TaskState): string | null {
  const isBeating = countGiven(given, ['HeartbeatSeconds', 'HeartbeatSecondsPath']) > 0;
  if (isBeating && given.Resource !== lambdaInvokeForToken)
    return 'HeartbeatSeconds is modelled with a task token alone';
  const twice = ['TimeoutSeconds', 'HeartbeatSeconds'].find((name) => countGiven(given, [name, `${name}Path`]) === 2);
  if (twice !== undefined) return `it has either ${twice} or ${twice}Path`;
  const { HeartbeatSeconds: beat = 0, TimeoutSeconds: whole = Number.POSITIVE_INFINITY } = given;
  return beat < whole ? null : `HeartbeatSeconds: got ${beat}, allowed is less than TimeoutSeconds ${whole}`;
}

const countGiven = (given: object, fields: readonly string[]): number =>
  fields.filter((field) => (given as Readonly<Record<string, unknown>>)[field] !== undefined).length;

function findRuleFault(rules: readonly Rule[]): string | null {
  try {
    for (const rule of rules) checkRule(rule);
    return null;
  } catch (error) {
    return `Choices: ${(error as Error).message}`;
  }
}

/** `States.ALL` takes everything, so it stands alone and last. */
function findMendingFault({ Retry, Catch }: WorkingState): string | null {
  for (const list of [Retry, Catch]) {
    const at = list.findIndex(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
    if (at >= 0 && (at < list.length - 1 || list[at]!.ErrorEquals.length > 1))
      return 'States.ALL stands alone, in the last retrier or catcher';
  }
  return null;
}

function findLost(targets: readonly string[], names: ReadonlySet<string>): string | null {
  const lost = targets.find((name) => !names.has(name));
  return lost === undefined ? null : `there is no state "${lost}"`;
}

function listTargets(given: State): string[] {
  if (given.Type === 'Choice') return [given.Default ?? [], given.Choices.map(({ Next }) => Next)].flat();
  const caught = isWorking(given) ? given.Catch.map(({ Next }) => Next) : [];
  return 'Next' in given && given.Next !== undefined ? [given.Next, ...caught] : caught;
}

function findTemplateFault(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, item] of Object.entries(value)) {
    const fault = name.endsWith('.$') && !Array.isArray(value) ? findValueFault(item) : findTemplateFault(item);
    if (fault !== null) return `${name}: ${fault}`;
  }
  return null;
}

function findValueFault(value: unknown): string | null {
  const text = String(value);
  if (!isIntrinsic(text)) return pathPattern.test(text) ? null : `got "${text}", allowed is a path`;
  try {
    checkIntrinsic(text);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
