/** Step Functions: Standard state machines in the modelled part of the language, task tokens, executions on disk. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DeliveryQueue } from '../delivery/delivery-queue.ts';
import type { Cloud, Engine, Json, Operation, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { readDefinition } from './definition.ts';
import { type Execution, openExecutions } from './executions.ts';
import { createRunner } from './runner.ts';
import { StatesError } from './states-error.ts';
import type { Machine } from './transitions.ts';

export interface StepFunctionsEngine extends Engine {
  listExecutions(): readonly Execution[];
}

export function createStepFunctions(cloud: Cloud, deliveries: DeliveryQueue): StepFunctionsEngine {
  const machines = new Map<string, Machine>();
  const executions = openExecutions(join(cloud.dataFolder, 'states'));
  const runner = createRunner({ cloud, deliveries, executions, findMachine: (arn) => machines.get(arn) });

  const create = ({ properties, physicalName }: ResourceRequest) => {
    if ((properties.StateMachineType ?? 'STANDARD') !== 'STANDARD')
      throw new Error('StateMachineType: only STANDARD is modelled');
    const name = String(properties.StateMachineName ?? physicalName);
    const arn = formatArn(cloud, 'states', `stateMachine:${name}`);
    const caller = cloud.iam.assume(String(properties.RoleArn), 'states.amazonaws.com');
    machines.set(arn, { arn, name, caller, definition: readDefinition(String(properties.DefinitionString)) });
    return { ref: arn, attributes: { Arn: arn, Name: name } };
  };
  const startExecution = (input: Json): Json => {
    const machine = machines.get(String(input.stateMachineArn));
    if (machine === undefined) {
      throw new ServiceError(
        'StateMachineDoesNotExist',
        `State Machine Does Not Exist: '${String(input.stateMachineArn)}'`,
      );
    }
    const name = String(input.name ?? randomUUID());
    const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const execution: Execution = {
      arn,
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
      enteredAtMs: cloud.nowMs(),
      startedAtMs: cloud.nowMs(),
      stoppedAtMs: null,
      parent: null,
      generation: null,
      place: null,
      scope: '[]',
      item: null,
    };
    if (!executions.add(execution))
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    runner.begin(execution);
    return { executionArn: arn, startDate: execution.startedAtMs / 1000 };
  };
  const findExecution = (input: Json): Execution => {
    const execution = executions.find(String(input.executionArn));
    if (execution !== undefined) return execution;
    throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${String(input.executionArn)}'`);
  };
  const onExecution = (action: string, run: (execution: Execution) => Json): Operation => ({
    access: (input) => [{ action: `states:${action}`, resource: String(input.executionArn) }],
    run: (input) => run(findExecution(input)),
  });
  const findWaiting = (token: unknown): Execution => {
    const execution = executions.findByToken(String(token));
    if (execution?.status !== 'RUNNING') {
      throw new ServiceError(
        'TaskTimedOut',
        'Task Timed Out: the token was answered, has ended, or belongs to no execution',
      );
    }
    return execution;
  };
  const accessToToken = (action: string) => (input: Json) => {
    const machineArn = executions.findByToken(String(input.taskToken))?.machineArn ?? '*';
    return [{ action: `states:${action}`, resource: machineArn }];
  };

  return {
    name: 'states',
    listExecutions: () => [...machines.keys()].flatMap((arn) => executions.list(arn)),
    resources: {
      'AWS::StepFunctions::StateMachine': {
        properties: ['StateMachineName', 'StateMachineType', 'DefinitionString', 'RoleArn', 'Tags.*'],
        create,
      },
    },
    operations: {
      StartExecution: {
        access: (input) => [{ action: 'states:StartExecution', resource: String(input.stateMachineArn) }],
        run: startExecution,
      },
      DescribeExecution: onExecution('DescribeExecution', describe),
      RedriveExecution: onExecution('RedriveExecution', (execution) => {
        if (execution.status === 'RUNNING' || execution.status === 'SUCCEEDED') {
          const says = `Execution '${execution.arn}' is ${execution.status}: only what failed can be redriven`;
          throw new ServiceError('ExecutionNotRedrivable', says);
        }
        runner.redrive(execution);
        return { redriveDate: cloud.nowMs() / 1000 };
      }),
      SendTaskSuccess: {
        access: accessToToken('SendTaskSuccess'),
        run: (input) => {
          runner.succeedTask(findWaiting(input.taskToken), JSON.parse(String(input.output)));
          return {};
        },
      },
      SendTaskHeartbeat: {
        access: accessToToken('SendTaskHeartbeat'),
        run: (input) => {
          executions.put({ ...findWaiting(input.taskToken), beatAtMs: cloud.nowMs() });
          return {};
        },
      },
      SendTaskFailure: {
        access: accessToToken('SendTaskFailure'),
        run: (input) => {
          const error = new StatesError(String(input.error ?? ''), String(input.cause ?? ''));
          runner.failTask(findWaiting(input.taskToken), error);
          return {};
        },
      },
    },
    stop: async () => executions.close(),
  };
}

const describe = (execution: Execution): Json => ({
  executionArn: execution.arn,
  stateMachineArn: execution.machineArn,
  name: execution.arn.slice(execution.arn.lastIndexOf(':') + 1),
  status: execution.status,
  startDate: execution.startedAtMs / 1000,
  input: execution.input,
  ...(execution.stoppedAtMs !== null && { stopDate: execution.stoppedAtMs / 1000 }),
  ...(execution.output !== null && { output: execution.output }),
  ...(execution.error !== null && { error: execution.error, cause: execution.cause }),
});
