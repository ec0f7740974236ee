/** The calls that start executions, look at them and take failed ones up again. */
import { randomUUID } from 'node:crypto';
import type { Cloud, Json, Operation } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import { listing } from '../listing.ts';
import type { Execution, Executions } from './executions.ts';
import type { Runner } from './runner.ts';
import type { Machines } from './state-machines.ts';
import type { Machine } from './transitions.ts';

export interface CallParts {
  readonly cloud: Cloud;
  readonly machines: Machines;
  readonly executions: Executions;
  readonly runner: Runner;
}

export const executionCalls = (parts: CallParts): Readonly<Record<string, Operation>> => ({
  StartExecution: {
    members: ['stateMachineArn', 'name', 'input'],
    access: (input) => [{ action: 'states:StartExecution', resource: String(input.stateMachineArn) }],
    run: (input) => start(parts, input),
  },
  ListStateMachines: listing({
    action: 'states:ListStateMachines',
    paging,
    into: 'stateMachines',
    find: () =>
      [...parts.machines.values()].map(({ arn, name }) => [arn, { stateMachineArn: arn, name, type: 'STANDARD' }]),
  }),
  ListExecutions: listing({
    action: 'states:ListExecutions',
    resource: ({ stateMachineArn }) => String(stateMachineArn),
    paging,
    members: ['stateMachineArn', 'statusFilter'],
    into: 'executions',
    find: ({ stateMachineArn, statusFilter }) =>
      parts.executions
        .list(findMachine(parts, stateMachineArn).arn)
        .filter(({ status }) => statusFilter === undefined || status === statusFilter)
        .map((execution) => [execution.arn, summarise(execution)]),
  }),
  DescribeExecution: onExecution(parts, 'DescribeExecution', describe),
  RedriveExecution: onExecution(parts, 'RedriveExecution', (execution) => redrive(parts, execution)),
});

function onExecution({ executions }: CallParts, action: string, run: (execution: Execution) => Json): Operation {
  return {
    members: ['executionArn', 'clientToken'],
    access: (input) => [{ action: `states:${action}`, resource: String(input.executionArn) }],
    run: (input) => {
      const execution = executions.find(String(input.executionArn));
      if (execution !== undefined) return run(execution);
      throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${String(input.executionArn)}'`);
    },
  };
}

const paging = { size: 'maxResults', after: 'nextToken' };

function findMachine({ machines }: CallParts, arn: unknown): Machine {
  const machine = machines.get(String(arn));
  if (machine !== undefined) return machine;
  throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${String(arn)}'`);
}

function start(parts: CallParts, input: Json): Json {
  const { cloud, executions, runner } = parts;
  const machine = findMachine(parts, input.stateMachineArn);
  const execution = beginningOf(machine, input, cloud.nowMs());
  const known = executions.find(execution.arn);
  if (known === undefined) {
    executions.add(execution);
    runner.begin(execution);
  } else if (known.status !== 'RUNNING' || known.input !== execution.input)
    throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${execution.arn}'`);
  return { executionArn: execution.arn, startDate: (known ?? execution).startedAtMs / 1000 };
}

function beginningOf(machine: Machine, input: Json, nowMs: number): Execution {
  const name = String(input.name ?? randomUUID());
  readJson(input.input ?? '{}', 'InvalidExecutionInput');
  return {
    arn: `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`,
    machineArn: machine.arn,
    status: 'RUNNING',
    input: String(input.input ?? '{}'),
    output: null,
    error: null,
    cause: null,
    step: 1,
    state: machine.definition.StartAt,
    stateInput: String(input.input ?? '{}'),
    tries: '{}',
    token: null,
    beatAtMs: null,
    enteredAtMs: nowMs,
    startedAtMs: nowMs,
    stoppedAtMs: null,
    parent: null,
    generation: null,
    place: null,
    scope: '[]',
    item: null,
  };
}

/** Throws the exception of this name for a text that is no JSON. */
export function readJson(text: unknown, exception: string): unknown {
  try {
    return JSON.parse(String(text));
  } catch (error) {
    throw new ServiceError(exception, (error as Error).message);
  }
}

function redrive({ cloud, runner }: CallParts, execution: Execution): Json {
  if (execution.status === 'RUNNING' || execution.status === 'SUCCEEDED') {
    const says = `Execution '${execution.arn}' is ${execution.status}: only what failed can be redriven`;
    throw new ServiceError('ExecutionNotRedrivable', says);
  }
  runner.redrive(execution);
  return { redriveDate: cloud.nowMs() / 1000 };
}

const summarise = (execution: Execution): Json => ({
  executionArn: execution.arn,
  stateMachineArn: execution.machineArn,
  name: execution.arn.slice(execution.arn.lastIndexOf(':') + 1),
  status: execution.status,
  startDate: execution.startedAtMs / 1000,
  ...(execution.stoppedAtMs !== null && { stopDate: execution.stoppedAtMs / 1000 }),
});

const describe = (execution: Execution): Json => ({
  ...summarise(execution),
  input: execution.input,
  ...(execution.output !== null && { output: execution.output }),
  ...(execution.error !== null && { error: execution.error, cause: execution.cause }),
});
