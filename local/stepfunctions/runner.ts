/**
 * Takes executions from state to state. Each step is a delivery in the durable queue, numbered: one that comes twice is
 * known by its number, and a killed process takes the step again, as Standard workflows may with their tasks. A step is
 * planned before it is written down, so that a kill between the two loses nothing.
 */
import { randomUUID } from 'node:crypto';
import type { DeliveryQueue, Verdict } from '../delivery/delivery-queue.ts';
import type { Caller, Cloud, Json } from '../engine.ts';
import { createBranches, hasBranches } from './branches.ts';
import { holds } from './choice-rules.ts';
import { fillTemplate, putResult, readWhole } from './data-flow.ts';
import {
  type ChoiceState,
  isWorking,
  lambdaInvokeForToken,
  type State,
  type StateMachine,
  type TaskState,
  type WorkingState,
} from './definition.ts';
import type { Execution, Executions } from './executions.ts';
import { invoke, within } from './lambda-task.ts';
import { findCatcher, findRetry, type Tries } from './mending.ts';
import { readFailure, readMoment, readSeconds } from './state-values.ts';
import { StatesError } from './states-error.ts';

export interface Machine {
  readonly arn: string;
  readonly name: string;
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
  /** Goes on from the state that failed, with all its tries; its branches begin anew. */
  redrive(execution: Execution): void;
}

type StepKind =
  | 'run'
  /** A branch has ended. */
  | 'gather'
  /** A token's time may be over. */
  | 'timeout'
  | 'heartbeat'
  /** The whole machine's time is over. */
  | 'expire';

/** What a delivery of the queue is about. */
interface Step {
  readonly arn: string;
  readonly step: number;
  readonly kind: StepKind;
  readonly dueAtMs: number;
  readonly token?: string;
}

export function createRunner(parts: RunnerParts): Runner {
  const { cloud, deliveries, executions, findMachine } = parts;
  const plan = ({ arn, step }: Execution, kind: StepKind, delayMs = 0, token?: string): void => {
    const planned: Step = { arn, step, kind, dueAtMs: cloud.nowMs() + delayMs, ...(token && { token }) };
    deliveries.add('states', { ...planned });
  };
  const begin = (execution: Execution): void => {
    const expiresS = execution.parent === null ? definitionOf(execution)?.TimeoutSeconds : undefined;
    if (expiresS !== undefined) plan(execution, 'expire', expiresS * 1000);
    plan(execution, 'run');
  };
  const branches = createBranches({ executions, nowMs: cloud.nowMs, begin });
  const definitionOf = (execution: Execution): StateMachine | undefined =>
    branches.findScope(findMachine(execution.machineArn)?.definition, execution);
  const stateOf = (execution: Execution): State => {
    const state = definitionOf(execution)?.States[execution.state];
    if (state === undefined) throw new StatesError('States.Runtime', `there is no state ${execution.state} any more`);
    return state;
  };
  const contextOf = (execution: Execution): Json => ({
    Execution: { Id: execution.arn, Input: JSON.parse(execution.input), StartTime: toTime(execution.startedAtMs) },
    StateMachine: { Id: execution.machineArn, Name: findMachine(execution.machineArn)?.name },
    State: { Name: execution.state, EnteredTime: toTime(execution.enteredAtMs), RetryCount: countTries(execution) },
    Task: { Token: execution.token },
    ...(execution.item !== null && { Map: JSON.parse(execution.item) as Json }),
  });
  const enter = (execution: Execution, state: string, input: unknown): void => {
    const fresh = { token: null, beatAtMs: null, tries: '{}', enteredAtMs: cloud.nowMs() };
    const next = { ...execution, ...fresh, step: execution.step + 1, state, stateInput: JSON.stringify(input) };
    plan(next, 'run');
    executions.put(next);
  };
  const stop = (execution: Execution, how: Pick<Execution, 'status' | 'output' | 'error' | 'cause'>): void => {
    const stopped = { ...execution, ...how, token: null, stoppedAtMs: cloud.nowMs() };
    branches.abort(execution);
    const parent = execution.parent === null ? undefined : executions.find(execution.parent);
    if (parent !== undefined) plan(parent, 'gather');
    executions.put(stopped);
    if (execution.parent !== null) return;
    const metric = { SUCCEEDED: 'ExecutionsSucceeded', TIMED_OUT: 'ExecutionsTimedOut' }[how.status as string];
    cloud.putMetric('AWS/States', metric ?? 'ExecutionsFailed', { StateMachineArn: execution.machineArn }, 1);
    if (how.status !== 'SUCCEEDED') cloud.tell('states', `${execution.arn}: ${how.error}: ${how.cause}`);
  };
  const stopWith = (execution: Execution, status: 'FAILED' | 'TIMED_OUT', error: StatesError): void =>
    stop(execution, { status, output: null, error: error.name, cause: error.message });
  const goOn = (execution: Execution, { Next }: { readonly Next?: string | undefined }, output: unknown): void => {
    if (Next !== undefined) enter(execution, Next, output);
    else stop(execution, { status: 'SUCCEEDED', output: JSON.stringify(output), error: null, cause: null });
  };
  const finish = (execution: Execution, state: WorkingState, result: unknown): void => {
    const context = contextOf(execution);
    const selected = state.ResultSelector === undefined ? result : fillTemplate(state.ResultSelector, result, context);
    const output = putResult(state.ResultPath, JSON.parse(execution.stateInput), selected);
    goOn(execution, state, readWhole(state.OutputPath, output, context));
  };
  const fail = (execution: Execution, error: StatesError): void => {
    const state = definitionOf(execution)?.States[execution.state];
    if (!isWorking(state)) {
      stopWith(execution, 'FAILED', error);
      return;
    }
    const retry = findRetry(state, error, JSON.parse(execution.tries) as Tries);
    const catcher = findCatcher(state, error);
    if (retry !== null) {
      branches.abort(execution);
      const again = { ...execution, token: null, tries: JSON.stringify(retry.tries) };
      plan(again, 'run', retry.delayMs);
      executions.put(again);
    } else if (catcher !== undefined) {
      branches.abort(execution);
      const told = { Error: error.name, Cause: error.message };
      enter(execution, catcher.Next, putResult(catcher.ResultPath, JSON.parse(execution.stateInput), told));
    } else stopWith(execution, 'FAILED', error);
  };

  const isCurrent = ({ arn, step, token }: Execution): boolean => {
    const found = executions.find(arn);
    return found?.status === 'RUNNING' && found.step === step && found.token === token;
  };
  const runTask = async (execution: Execution, state: TaskState, input: unknown): Promise<void> => {
    const isForToken = state.Resource === lambdaInvokeForToken;
    const waiting = { ...execution, token: isForToken ? randomUUID() : null, beatAtMs: cloud.nowMs() };
    executions.put(waiting); // before the function runs: it may answer at once
    const context = contextOf(waiting);
    const timeoutS = readSeconds(state.TimeoutSeconds, state.TimeoutSecondsPath, input, context);
    const heartbeatS = readSeconds(state.HeartbeatSeconds, state.HeartbeatSecondsPath, input, context);
    const { caller } = findMachine(execution.machineArn)!;
    const parameters = fillTemplate(state.Parameters, input, context) as Json;
    const result = await within(isForToken ? null : timeoutS, invoke(cloud, parameters, caller));
    if (!isCurrent(waiting)) return; // its time was over, or somebody answered the token already
    if (!isForToken) return finish(waiting, state, result);
    if (timeoutS !== null) plan(waiting, 'timeout', timeoutS * 1000, waiting.token!);
    if (heartbeatS !== null) plan(waiting, 'heartbeat', heartbeatS * 1000, waiting.token!);
  };
  /** Of a state with branches: goes on when all have ended well, fails with the first that did not. */
  const gather = (execution: Execution): void => {
    const state = stateOf(execution);
    if (!hasBranches(state)) return;
    const gathered = branches.gather(execution, state);
    if (gathered === null) return;
    if ('error' in gathered) fail(execution, gathered.error);
    else finish(execution, state, gathered.results);
  };
  const run = async (execution: Execution): Promise<Verdict> => {
    const state = stateOf(execution);
    const raw: unknown = JSON.parse(execution.stateInput);
    const context = contextOf(execution);
    if (state.Type === 'Fail') {
      stopWith(execution, 'FAILED', readFailure(state, raw, context));
      return 'done';
    }
    const input = readWhole(state.InputPath, raw, context);
    const through = (): unknown => readWhole(state.OutputPath, input, context);
    if (state.Type === 'Task') await runTask(execution, state, input);
    else if (hasBranches(state)) {
      branches.enter({ execution, state, input, context });
      gather(execution);
    } else if (state.Type === 'Choice') enter(execution, choose(state, input, context), through());
    else if (state.Type === 'Succeed') goOn(execution, {}, through());
    else if (state.Type === 'Pass') {
      const filled = state.Parameters === undefined ? input : fillTemplate(state.Parameters, input, context);
      const output = putResult(state.ResultPath, raw, state.Result === undefined ? filled : state.Result);
      goOn(execution, state, readWhole(state.OutputPath, output, context));
    } else {
      const restMs = readMoment(state, input, context, execution.enteredAtMs) - cloud.nowMs();
      if (restMs > 0) return { retryInMs: restMs };
      goOn(execution, state, through());
    }
    return 'done';
  };
  const checkHeartbeat = (execution: Execution): Verdict => {
    const state = stateOf(execution) as TaskState;
    const context = contextOf(execution);
    const input = readWhole(state.InputPath, JSON.parse(execution.stateInput), context);
    const heartbeatS = readSeconds(state.HeartbeatSeconds, state.HeartbeatSecondsPath, input, context) ?? 0;
    const restMs = (execution.beatAtMs ?? 0) + heartbeatS * 1000 - cloud.nowMs();
    if (restMs > 0) return { retryInMs: restMs };
    fail(execution, new StatesError('States.HeartbeatTimeout', 'the task gave no sign of life in time'));
    return 'done';
  };
  const take = async (execution: Execution, { kind }: Step): Promise<Verdict> => {
    if (kind === 'run') return run(execution);
    if (kind === 'heartbeat') return checkHeartbeat(execution);
    if (kind === 'gather') gather(execution);
    else if (kind === 'expire') stopWith(execution, 'TIMED_OUT', new StatesError('States.Timeout', 'it took too long'));
    else fail(execution, new StatesError('States.Timeout', 'nobody answered the task token in time'));
    return 'done';
  };
  deliveries.handle('states', async (body): Promise<Verdict> => {
    const step = body as unknown as Step;
    const execution = executions.find(step.arn);
    if (execution?.status !== 'RUNNING') return 'done';
    if (step.kind !== 'expire' && execution.step !== step.step) return 'done';
    if (step.token !== undefined && execution.token !== step.token) return 'done';
    if (cloud.nowMs() < step.dueAtMs) return { retryInMs: step.dueAtMs - cloud.nowMs() };
    try {
      return await take(execution, step);
    } catch (error) {
      const { name, message } = error as Error;
      const failed = executions.find(step.arn);
      if (failed?.status === 'RUNNING' && failed.step === execution.step) fail(failed, new StatesError(name, message));
      return 'done';
    }
  });
  return {
    begin,
    succeedTask: (execution, output) => {
      const state = stateOf(execution);
      if (isWorking(state)) finish(execution, state, output);
    },
    failTask: fail,
    redrive: (execution) => {
      const running: Execution = { ...execution, status: 'RUNNING', error: null, cause: null, stoppedAtMs: null };
      enter(running, execution.state, JSON.parse(execution.stateInput));
    },
  };
}

const toTime = (atMs: number): string => new Date(atMs).toISOString();

const countTries = ({ tries }: Execution): number =>
  Object.values(JSON.parse(tries) as Tries).reduce((sum, count) => sum + count, 0);

function choose({ Choices, Default }: ChoiceState, input: unknown, context: Json): string {
  const next = Choices.find((rule) => holds(rule, input, context))?.Next ?? Default;
  if (next !== undefined) return next;
  throw new StatesError('States.NoChoiceMatched', 'no rule of the choice fits and there is no default');
}
