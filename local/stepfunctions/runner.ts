/**
 * Takes executions from state to state. Each step is a delivery in the durable queue, numbered: one that comes twice is
 * known by its number, and a killed process takes the step again, as Standard workflows may with their tasks.
 */
import { randomUUID } from 'node:crypto';
import type { DeliveryQueue, Verdict } from '../delivery/delivery-queue.ts';
import type { Caller, Cloud, Json } from '../engine.ts';
import { fillTemplate, putResult, readPath, StatesError } from './data-flow.ts';
import { type ChoiceState, lambdaInvokeForToken, type StateMachine, type TaskState } from './definition.ts';
import type { Execution, Executions } from './executions.ts';

export interface Machine {
  readonly arn: string;
  readonly definition: StateMachine;
  readonly caller: Caller;
}

export interface RunnerParts {
  readonly cloud: Cloud;
  readonly deliveries: DeliveryQueue;
  readonly executions: Executions;
  readonly findMachine: (arn: string) => Machine | undefined;
}

export interface Runner {
  begin(execution: Execution): void;
  succeedTask(execution: Execution, output: unknown): void;
  failTask(execution: Execution, error: StatesError): void;
}

/** What a delivery of the queue is about. */
interface Step {
  readonly arn: string;
  readonly step: number;
  readonly dueAtMs: number;
  /** Tries of the task so far, by the retrier's place. */
  readonly tries: Readonly<Record<number, number>>;
  /** A token that ends now. */
  readonly timedOut?: string;
}

export function createRunner({ cloud, deliveries, executions, findMachine }: RunnerParts): Runner {
  const plan = (execution: Execution, more: Partial<Step> = {}): void => {
    const step: Step = { arn: execution.arn, step: execution.step, dueAtMs: cloud.nowMs(), tries: {}, ...more };
    deliveries.add('states', { ...step });
  };
  const enter = (execution: Execution, state: string, input: unknown): void => {
    const next = { ...execution, step: execution.step + 1, state, stateInput: JSON.stringify(input), token: null };
    executions.put(next);
    plan(next);
  };
  const stop = (execution: Execution, how: Pick<Execution, 'status' | 'output' | 'error' | 'cause'>): void => {
    executions.put({ ...execution, ...how, token: null, stoppedAtMs: cloud.nowMs() });
    const metric = how.status === 'FAILED' ? 'ExecutionsFailed' : 'ExecutionsSucceeded';
    cloud.putMetric('AWS/States', metric, { StateMachineArn: execution.machineArn }, 1);
    if (how.status === 'FAILED') cloud.tell('states', `${execution.arn}: ${how.error}: ${how.cause}`);
  };
  const goOn = (execution: Execution, { Next }: { readonly Next?: string | undefined }, output: unknown): void => {
    if (Next !== undefined) enter(execution, Next, output);
    else stop(execution, { status: 'SUCCEEDED', output: JSON.stringify(output), error: null, cause: null });
  };
  const finishTask = (execution: Execution, state: TaskState, result: unknown): void => {
    const output = putResult(state.ResultPath, JSON.parse(execution.stateInput), result);
    goOn(execution, state, readPath(state.OutputPath, output));
  };
  const fail = (execution: Execution, error: StatesError, tries: Step['tries'] = {}): void => {
    const state = stateOf(execution);
    if (state?.Type === 'Task') {
      const retry = findRetry(state, error, tries);
      if (retry !== null) {
        plan(execution, { dueAtMs: cloud.nowMs() + retry.delayMs, tries: retry.tries });
        return;
      }
      const caught = state.Catch.find((catcher) => catches(catcher.ErrorEquals, error));
      if (caught !== undefined) {
        const told = { Error: error.name, Cause: error.message };
        enter(execution, caught.Next, putResult(caught.ResultPath, JSON.parse(execution.stateInput), told));
        return;
      }
    }
    stop(execution, { status: 'FAILED', output: null, error: error.name, cause: error.message });
  };
  const stateOf = ({ machineArn, state }: Execution) => findMachine(machineArn)?.definition.States[state];

  const runTask = async (execution: Execution, state: TaskState, tries: Step['tries']): Promise<void> => {
    const isForToken = state.Resource === lambdaInvokeForToken;
    const waiting = { ...execution, token: isForToken ? randomUUID() : null };
    executions.put(waiting); // before the function runs: it may answer at once
    const context = { Execution: { Id: execution.arn }, Task: { Token: waiting.token } };
    const { caller } = findMachine(execution.machineArn)!;
    try {
      const result = await invoke(
        cloud,
        fillTemplate(state.Parameters, JSON.parse(execution.stateInput), context) as Json,
        caller,
      );
      if (!isForToken) return finishTask(waiting, state, result);
      const timeoutS = readTimeout(state, JSON.parse(execution.stateInput));
      if (timeoutS !== null) plan(waiting, { dueAtMs: cloud.nowMs() + timeoutS * 1000, timedOut: waiting.token! });
    } catch (error) {
      fail(
        waiting,
        error instanceof StatesError ? error : new StatesError((error as Error).name, (error as Error).message),
        tries,
      );
    }
  };
  const run = async (execution: Execution, { tries }: Step): Promise<Verdict> => {
    const state = stateOf(execution);
    const input: unknown = JSON.parse(execution.stateInput);
    if (state === undefined)
      fail(execution, new StatesError('States.Runtime', `there is no state ${execution.state} any more`));
    else if (state.Type === 'Task') await runTask(execution, state, tries);
    else if (state.Type === 'Choice') enter(execution, choose(state, input), input);
    else if (state.Type === 'Fail')
      stop(execution, { status: 'FAILED', output: null, error: state.Error, cause: state.Cause });
    else if (state.Type === 'Succeed') goOn(execution, {}, input);
    else {
      const restMs = readTimestamp(state.TimestampPath, input) - cloud.nowMs();
      if (restMs > 0) return { retryInMs: restMs };
      goOn(execution, state, input);
    }
    return 'done';
  };
  deliveries.handle('states', async (body): Promise<Verdict> => {
    const step = body as unknown as Step;
    const execution = executions.find(step.arn);
    if (execution === undefined || execution.status !== 'RUNNING' || execution.step !== step.step) return 'done';
    if (step.timedOut !== undefined && execution.token !== step.timedOut) return 'done';
    if (cloud.nowMs() < step.dueAtMs) return { retryInMs: step.dueAtMs - cloud.nowMs() };
    try {
      if (step.timedOut === undefined) return await run(execution, step);
      fail(execution, new StatesError('States.Timeout', 'nobody answered the task token in time'), step.tries);
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      fail(execution, error);
    }
    return 'done';
  });
  return {
    begin: (execution) => plan(execution),
    succeedTask: (execution, output) => {
      const state = stateOf(execution);
      if (state?.Type === 'Task') finishTask(execution, state, output);
    },
    failTask: fail,
  };
}

async function invoke(cloud: Cloud, parameters: Json, caller: Caller): Promise<Json> {
  const input = { FunctionName: parameters.FunctionName, Payload: JSON.stringify(parameters.Payload ?? {}) };
  const answer = (await cloud.call('lambda', 'Invoke', input, caller)) as { FunctionError?: string; Payload?: string };
  const payload: unknown = JSON.parse(answer.Payload ?? 'null');
  if (answer.FunctionError === undefined) return { StatusCode: 200, Payload: payload };
  const { errorType = 'Error', errorMessage = '' } = payload as { errorType?: string; errorMessage?: string };
  throw new StatesError(errorType, errorMessage);
}

/** `States.TaskFailed` is every error but a timeout, `States.ALL` every one. */
const catches = (names: readonly string[], { name }: StatesError): boolean =>
  names.includes(name) ||
  names.includes('States.ALL') ||
  (names.includes('States.TaskFailed') && name !== 'States.Timeout');

function findRetry({ Retry }: TaskState, error: StatesError, tries: Step['tries']) {
  const place = Retry.findIndex(({ ErrorEquals }) => catches(ErrorEquals, error));
  const retrier = Retry[place];
  const done = tries[place] ?? 0;
  if (retrier === undefined || done >= retrier.MaxAttempts) return null;
  const delayMs = retrier.IntervalSeconds * 1000 * retrier.BackoffRate ** done;
  return { delayMs, tries: { ...tries, [place]: done + 1 } };
}

function choose({ Choices, Default }: ChoiceState, input: unknown): string {
  const found = Choices.find(
    ({ Variable, BooleanEquals, StringEquals }) => readPath(Variable, input) === (BooleanEquals ?? StringEquals),
  );
  const next = found?.Next ?? Default;
  if (next === undefined)
    throw new StatesError('States.NoChoiceMatched', 'no rule of the choice fits and there is no default');
  return next;
}

function readTimeout({ TimeoutSeconds, TimeoutSecondsPath }: TaskState, input: unknown): number | null {
  return TimeoutSecondsPath === undefined ? (TimeoutSeconds ?? null) : Number(readPath(TimeoutSecondsPath, input));
}

function readTimestamp(path: string, input: unknown): number {
  const atMs = Date.parse(String(readPath(path, input)));
  if (Number.isNaN(atMs))
    throw new StatesError('States.Runtime', `${path} is no timestamp: ${String(readPath(path, input))}`);
  return atMs;
}
