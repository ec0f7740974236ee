/**
 * The part of the Amazon States Language that is modelled: JSONPath, and the states and fields below. Anything else in
 * a definition stops the start with a sentence. Source: states-language.net/spec.html.
 */
import { z } from 'zod';

const path = z
  .string()
  .regex(/^\$\$?(\.[A-Za-z_][\w-]*|\[\d+\])*$/, 'a path is $, $.field.field, $.list[0] or $$.Task.Token');
const comment = { Comment: z.string().optional() };
const template = z.record(z.string(), z.unknown());

const retrier = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.number().default(1),
  MaxAttempts: z.number().default(3),
  BackoffRate: z.number().default(2),
});
const catcher = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  ResultPath: z.union([path, z.null()]).default('$'),
});

export const lambdaInvoke = 'arn:aws:states:::lambda:invoke';
export const lambdaInvokeForToken = 'arn:aws:states:::lambda:invoke.waitForTaskToken';

const task = z.strictObject({
  ...comment,
  Type: z.literal('Task'),
  Resource: z.enum([lambdaInvoke, lambdaInvokeForToken]),
  Parameters: template,
  ResultPath: z.union([path, z.null()]).default('$'),
  OutputPath: path.default('$'),
  TimeoutSeconds: z.number().positive().optional(),
  TimeoutSecondsPath: path.optional(),
  Retry: z.array(retrier).default([]),
  Catch: z.array(catcher).default([]),
  Next: z.string().optional(),
  End: z.literal(true).optional(),
});

const rule = z
  .strictObject({
    Variable: path,
    BooleanEquals: z.boolean().optional(),
    StringEquals: z.string().optional(),
    Next: z.string(),
  })
  .refine((r) => (r.BooleanEquals === undefined) !== (r.StringEquals === undefined), 'one comparison a rule');

const choice = z.strictObject({
  ...comment,
  Type: z.literal('Choice'),
  Choices: z.array(rule).min(1),
  Default: z.string().optional(),
});
const wait = z.strictObject({ ...comment, Type: z.literal('Wait'), TimestampPath: path, Next: z.string() });
const succeed = z.strictObject({ ...comment, Type: z.literal('Succeed') });
const fail = z.strictObject({
  ...comment,
  Type: z.literal('Fail'),
  Error: z.string().default(''),
  Cause: z.string().default(''),
});

const state = z.discriminatedUnion('Type', [task, choice, wait, succeed, fail]);
const machine = z.strictObject({
  ...comment,
  QueryLanguage: z.literal('JSONPath').optional(),
  StartAt: z.string(),
  States: z.record(z.string(), state),
});

export type StateMachine = z.output<typeof machine>;
export type TaskState = z.output<typeof task>;
export type ChoiceState = z.output<typeof choice>;

/** Throws an Error with one sentence that names state and field. */
export function readDefinition(text: string): StateMachine {
  const parsed = machine.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(
      `DefinitionString, ${issue?.path.join('.') || 'top'}: ${issue?.message}: not modelled here, or not allowed`,
    );
  }
  const unknown = listTargets(parsed.data).find((name) => parsed.data.States[name] === undefined);
  if (unknown !== undefined) throw new Error(`DefinitionString: there is no state "${unknown}"`);
  return parsed.data;
}

function listTargets({ StartAt, States }: StateMachine): string[] {
  const targets = Object.values(States).flatMap((s): (string | undefined)[] => {
    if (s.Type === 'Task') return [s.Next, ...s.Catch.map(({ Next }) => Next)];
    if (s.Type === 'Choice') return [s.Default, ...s.Choices.map(({ Next }) => Next)];
    return s.Type === 'Wait' ? [s.Next] : [];
  });
  return [StartAt, ...targets.filter((name) => name !== undefined)];
}
