/**
 * Where an execution goes next: into another state, on after a result, to a retry or a catcher, to its end. A step is planned
 * before it is written down, so that a kill between the two loses nothing.
 */
import type { DeliveryQueue } from '../delivery/delivery-queue.ts';
import type { Caller, Cloud, Json } from '../engine.ts';
import { type Branches, createBranches } from './branches.ts';
import { fillTemplate, putResult, readWhole } from './data-flow.ts';
import { isWorking, type State, type StateMachine, type WorkingState } from './definition.ts';
import type { Execution, Executions } from './executions.ts';
import { findCatcher, findRetry, type Tries } from './mending.ts';
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

export type StepKind =
  | 'run'
  /** A branch has ended. */
  | 'gather'
  /** A token's time may be over. */
  | 'timeout'
  | 'heartbeat'
  /** The whole machine's time is over. */
  | 'expire';

/** What a delivery of the queue is about. */
export interface Step {
  readonly arn: string;
  readonly step: number;
  readonly kind: StepKind;
  readonly dueAtMs: number;
  readonly token?: string;
}

export class Transitions {
  readonly #parts: RunnerParts;
  readonly branches: Branches;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    const { executions, cloud } = parts;
    this.branches = createBranches({ executions, nowMs: cloud.nowMs, begin: (execution) => this.begin(execution) });
  }

  plan({ arn, step }: Execution, kind: StepKind, delayMs = 0, token?: string): void {
    const { cloud, deliveries } = this.#parts;
    const planned: Step = { arn, step, kind, dueAtMs: cloud.nowMs() + delayMs, ...(token && { token }) };
    deliveries.add('states', { ...planned });
  }

  begin(execution: Execution): void {
    const expiresS = execution.parent === null ? this.#definitionOf(execution)?.TimeoutSeconds : undefined;
    if (expiresS !== undefined) this.plan(execution, 'expire', expiresS * 1000);
    this.plan(execution, 'run');
  }

  stateOf(execution: Execution): State {
    const state = this.#definitionOf(execution)?.States[execution.state];
    if (state === undefined) throw new StatesError('States.Runtime', `there is no state ${execution.state} any more`);
    return state;
  }

  contextOf(execution: Execution): Json {
    const machine = this.#parts.findMachine(execution.machineArn);
    return {
      Execution: { Id: execution.arn, Input: JSON.parse(execution.input), StartTime: toTime(execution.startedAtMs) },
      StateMachine: { Id: execution.machineArn, Name: machine?.name },
      State: { Name: execution.state, EnteredTime: toTime(execution.enteredAtMs), RetryCount: countTries(execution) },
      Task: { Token: execution.token },
      ...(execution.item !== null && { Map: JSON.parse(execution.item) as Json }),
    };
  }

  enter(execution: Execution, state: string, input: unknown): void {
    const { cloud, executions } = this.#parts;
    const fresh = { token: null, beatAtMs: null, tries: '{}', enteredAtMs: cloud.nowMs() };
    const next = { ...execution, ...fresh, step: execution.step + 1, state, stateInput: JSON.stringify(input) };
    this.plan(next, 'run');
    executions.put(next);
  }

  stopWith(execution: Execution, status: 'FAILED' | 'TIMED_OUT', error: StatesError): void {
    this.#stop(execution, { status, output: null, error: error.name, cause: error.message });
  }

  goOn(execution: Execution, { Next }: { readonly Next?: string | undefined }, output: unknown): void {
    if (Next !== undefined) this.enter(execution, Next, output);
    else this.#stop(execution, { status: 'SUCCEEDED', output: JSON.stringify(output), error: null, cause: null });
  }

  finish(execution: Execution, state: WorkingState, result: unknown): void {
    const context = this.contextOf(execution);
    const selected = state.ResultSelector === undefined ? result : fillTemplate(state.ResultSelector, result, context);
    const output = putResult(state.ResultPath, JSON.parse(execution.stateInput), selected);
    this.goOn(execution, state, readWhole(state.OutputPath, output, context));
  }

  fail(execution: Execution, error: StatesError): void {
    const state = this.#definitionOf(execution)?.States[execution.state];
    if (!isWorking(state)) {
      this.stopWith(execution, 'FAILED', error);
      return;
    }
    const retry = findRetry(state, error, JSON.parse(execution.tries) as Tries);
    const catcher = findCatcher(state, error);
    if (retry !== null) {
      this.branches.abort(execution);
      const again = { ...execution, token: null, tries: JSON.stringify(retry.tries) };
      this.plan(again, 'run', retry.delayMs);
      this.#parts.executions.put(again);
    } else if (catcher !== undefined) {
      this.branches.abort(execution);
      const told = { Error: error.name, Cause: error.message };
      this.enter(execution, catcher.Next, putResult(catcher.ResultPath, JSON.parse(execution.stateInput), told));
    } else this.stopWith(execution, 'FAILED', error);
  }

  #stop(execution: Execution, how: Pick<Execution, 'status' | 'output' | 'error' | 'cause'>): void {
    const { cloud, executions } = this.#parts;
    const stopped = { ...execution, ...how, token: null, stoppedAtMs: cloud.nowMs() };
    this.branches.abort(execution);
    const parent = execution.parent === null ? undefined : executions.find(execution.parent);
    if (parent !== undefined) this.plan(parent, 'gather');
    executions.put(stopped);
    if (execution.parent !== null) return;
    const metric = { SUCCEEDED: 'ExecutionsSucceeded', TIMED_OUT: 'ExecutionsTimedOut' }[how.status as string];
    cloud.putMetric('AWS/States', metric ?? 'ExecutionsFailed', { StateMachineArn: execution.machineArn }, 1);
    if (how.status !== 'SUCCEEDED') cloud.tell('states', `${execution.arn}: ${how.error}: ${how.cause}`);
  }

  #definitionOf(execution: Execution): StateMachine | undefined {
    return this.branches.findScope(this.#parts.findMachine(execution.machineArn)?.definition, execution);
  }
}

const toTime = (atMs: number): string => new Date(atMs).toISOString();

const countTries = ({ tries }: Execution): number =>
  Object.values(JSON.parse(tries) as Tries).reduce((sum, count) => sum + count, 0);
