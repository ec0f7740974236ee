/** Step Functions: Standard state machines in the modelled part of the language, task tokens, executions on disk. */
import { join } from 'node:path';
import type { DeliveryQueue } from '../delivery/delivery-queue.ts';
import type { Cloud, Engine } from '../engine.ts';
import { type CallParts, executionCalls } from './execution-calls.ts';
import { type Execution, openExecutions } from './executions.ts';
import { createRunner } from './runner.ts';
import { type Machines, stateMachineModel } from './state-machines.ts';
import { taskCalls } from './task-calls.ts';

export interface StepFunctionsEngine extends Engine {
  listExecutions(): readonly Execution[];
}

export function createStepFunctions(cloud: Cloud, deliveries: DeliveryQueue): StepFunctionsEngine {
  const machines: Machines = new Map();
  const executions = openExecutions(join(cloud.dataFolder, 'states'));
  const runner = createRunner({ cloud, deliveries, executions, findMachine: (arn) => machines.get(arn) });
  const parts: CallParts = { cloud, machines, executions, runner };
  return {
    name: 'states',
    listExecutions: () => [...machines.keys()].flatMap((arn) => executions.list(arn)),
    resources: { 'AWS::StepFunctions::StateMachine': stateMachineModel(cloud, machines) },
    operations: { ...executionCalls(parts), ...taskCalls(parts) },
    stop: async () => executions.close(),
  };
}
