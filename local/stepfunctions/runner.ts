/**
 * Takes executions through their states. Each step is a delivery in the durable queue, numbered: one that comes twice is
 * known by its number, and a killed process takes the step again, as Standard workflows may with their tasks.
 */
import { randomUUID } from 'node:crypto';
import type { Verdict } from '../delivery/delivery-queue.ts';
import type { Json } from '../engine.ts';
import { hasBranches } from './branches.ts';
import { holds } from './choice-rules.ts';
import { fillTemplate, putResult, readWhole } from './data-flow.ts';
import { type ChoiceState, isWorking, lambdaInvokeForToken, type PassState, type TaskState } from './definition.ts';
import type { Execution } from './executions.ts';
import { invoke, within } from './lambda-task.ts';
import { readFailure, readMoment, readSeconds } from './state-values.ts';
import { StatesError } from './states-error.ts';
import { type RunnerParts, type Step, Transitions } from './transitions.ts';

export interface Runner {
  begin(execution: Execution): void;
  succeedTask(execution: Execution, output: unknown): void;
  failTask(execution: Execution, error: StatesError): void;
  /** Goes on from the state that failed, with all its tries; its branches begin anew. */
  redrive(execution: Execution): void;
}

export function createRunner(parts: RunnerParts): Runner {
  const to = new Transitions(parts);
  const steps = new Steps(parts, to);
  parts.deliveries.handle('states', (body) => steps.take(body as unknown as Step));
  return {
    begin: (execution) => to.begin(execution),
    succeedTask: (execution, output) => {
      const state = to.stateOf(execution);
      if (isWorking(state)) to.finish(execution, state, output);
    },
    failTask: (execution, error) => to.fail(execution, error),
    redrive: (execution) => {
      const running: Execution = { ...execution, status: 'RUNNING', error: null, cause: null, stoppedAtMs: null };
      to.enter(running, execution.state, JSON.parse(execution.stateInput));
    },
  };
}

/** What is done in a state, when its delivery comes. */
class Steps {
  readonly #parts: RunnerParts;
  readonly #to: Transitions;

  constructor(parts: RunnerParts, to: Transitions) {
    this.#parts = parts;
    this.#to = to;
  }

  async take(step: Step): Promise<Verdict> {
    const { cloud, executions } = this.#parts;
    const execution = executions.find(step.arn);
    if (execution?.status !== 'RUNNING') return 'done';
    if (step.kind !== 'expire' && execution.step !== step.step) return 'done';
    if (step.token !== undefined && execution.token !== step.token) return 'done';
    if (cloud.nowMs() < step.dueAtMs) return { retryInMs: step.dueAtMs - cloud.nowMs() };
    try {
      return await this.#perform(execution, step);
    } catch (error) {
      const { name, message } = error as Error;
      const failed = executions.find(step.arn);
      if (failed?.status === 'RUNNING' && failed.step === execution.step)
        this.#to.fail(failed, new StatesError(name, message));
      return 'done';
    }
  }

  async #perform(execution: Execution, { kind }: Step): Promise<Verdict> {
    if (kind === 'run') return this.#run(execution);
    if (kind === 'heartbeat') return this.#checkHeartbeat(execution);
    if (kind === 'gather') this.#gather(execution);
    else if (kind === 'expire')
      this.#to.stopWith(execution, 'TIMED_OUT', new StatesError('States.Timeout', 'it took too long'));
    else this.#to.fail(execution, new StatesError('States.Timeout', 'nobody answered the task token in time'));
    return 'done';
  }

  async #run(execution: Execution): Promise<Verdict> {
    const to = this.#to;
    const state = to.stateOf(execution);
    const raw: unknown = JSON.parse(execution.stateInput);
    const context = to.contextOf(execution);
    if (state.Type === 'Fail') {
      to.stopWith(execution, 'FAILED', readFailure(state, raw, context));
      return 'done';
    }
    const input = readWhole(state.InputPath, raw, context);
    const through = (): unknown => readWhole(state.OutputPath, input, context);
    if (state.Type === 'Task') await this.#runTask(execution, state, input);
    else if (hasBranches(state)) {
      to.branches.enter({ execution, state, input, context });
      this.#gather(execution);
    } else if (state.Type === 'Choice') to.enter(execution, choose(state, input, context), through());
    else if (state.Type === 'Succeed') to.goOn(execution, {}, through());
    else if (state.Type === 'Pass') to.goOn(execution, state, pass(state, { raw, input, context }));
    else {
      const restMs = readMoment(state, input, context, execution.enteredAtMs) - this.#parts.cloud.nowMs();
      if (restMs > 0) return { retryInMs: restMs };
      to.goOn(execution, state, through());
    }
    return 'done';
  }

  async #runTask(execution: Execution, state: TaskState, input: unknown): Promise<void> {
    const { cloud, executions, findMachine } = this.#parts;
    const isForToken = state.Resource === lambdaInvokeForToken;
    const waiting = { ...execution, token: isForToken ? randomUUID() : null, beatAtMs: cloud.nowMs() };
    executions.put(waiting); // before the function runs: it may answer at once
    const context = this.#to.contextOf(waiting);
    const timeoutS = readSeconds(state.TimeoutSeconds, state.TimeoutSecondsPath, input, context);
    const heartbeatS = readSeconds(state.HeartbeatSeconds, state.HeartbeatSecondsPath, input, context);
    const { caller } = findMachine(execution.machineArn)!;
    const parameters = fillTemplate(state.Parameters, input, context) as Json;
    if (waiting.token !== null) {
      // The task's time runs from here: a function that hangs takes of it too.
      if (timeoutS !== null) this.#to.plan(waiting, 'timeout', timeoutS * 1000, waiting.token);
      if (heartbeatS !== null) this.#to.plan(waiting, 'heartbeat', heartbeatS * 1000, waiting.token);
    }
    const result = await within(isForToken ? null : timeoutS, invoke(cloud, parameters, caller));
    // Else its time was over, or somebody answered the token already.
    if (!isForToken && this.#isCurrent(waiting)) this.#to.finish(waiting, state, result);
  }

  #isCurrent({ arn, step, token }: Execution): boolean {
    const found = this.#parts.executions.find(arn);
    return found?.status === 'RUNNING' && found.step === step && found.token === token;
  }

  /** Of a state with branches: goes on when all have ended well, fails with the first that did not. */
  #gather(execution: Execution): void {
    const state = this.#to.stateOf(execution);
    if (!hasBranches(state)) return;
    const gathered = this.#to.branches.gather(execution, state);
    if (gathered === null) return;
    if ('error' in gathered) this.#to.fail(execution, gathered.error);
    else this.#to.finish(execution, state, gathered.results);
  }

  #checkHeartbeat(execution: Execution): Verdict {
    const state = this.#to.stateOf(execution) as TaskState;
    const context = this.#to.contextOf(execution);
    const input = readWhole(state.InputPath, JSON.parse(execution.stateInput), context);
    const heartbeatS = readSeconds(state.HeartbeatSeconds, state.HeartbeatSecondsPath, input, context) ?? 0;
    const restMs = (execution.beatAtMs ?? 0) + heartbeatS * 1000 - this.#parts.cloud.nowMs();
    if (restMs > 0) return { retryInMs: restMs };
    this.#to.fail(execution, new StatesError('States.HeartbeatTimeout', 'the task gave no sign of life in time'));
    return 'done';
  }
}

function pass(state: PassState, { raw, input, context }: { raw: unknown; input: unknown; context: Json }): unknown {
  const filled = state.Parameters === undefined ? input : fillTemplate(state.Parameters, input, context);
  const output = putResult(state.ResultPath, raw, state.Result === undefined ? filled : state.Result);
  return readWhole(state.OutputPath, output, context);
}

function choose({ Choices, Default }: ChoiceState, input: unknown, context: Json): string {
  const next = Choices.find((rule) => holds(rule, input, context))?.Next ?? Default;
  if (next !== undefined) return next;
  throw new StatesError('States.NoChoiceMatched', 'no rule of the choice fits and there is no default');
}
