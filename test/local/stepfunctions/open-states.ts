import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { openDeliveryQueue } from '../../../local/delivery/delivery-queue.ts';
import { type Cloud, type Json, owner, type ResourceRequest } from '../../../local/engine.ts';
import { createStepFunctions } from '../../../local/stepfunctions/stepfunctions.ts';
import { until } from '../../until.ts';
import { openSurroundings } from '../surroundings.ts';

type Function = (payload: Json) => unknown;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** An engine whose only neighbour is one function; a step's time comes when `nowMs` says so. */
export function openStates(definition: object, run: Function, folder?: string) {
  const surroundings = openSurroundings(0, folder);
  let nowMs = Date.UTC(2026, 0, 1);
  const payloads: Json[] = [];
  const call: Cloud['call'] = async (_service, _operation, input) => {
    const payload = JSON.parse(String(input.Payload)) as Json;
    payloads.push(payload);
    try {
      return { Payload: JSON.stringify((await run(payload)) ?? null) };
    } catch (error) {
      return {
        FunctionError: 'Unhandled',
        Payload: JSON.stringify({ errorType: (error as Error).name, errorMessage: (error as Error).message }),
      };
    }
  };
  const cloud: Cloud = { ...surroundings.cloud, call, nowMs: () => nowMs };
  const deliveries = openDeliveryQueue(join(cloud.dataFolder, 'deliveries.db'), cloud.nowMs, (message) =>
    surroundings.told.push(message),
  );
  const engine = createStepFunctions(cloud, deliveries);
  const request: ResourceRequest = {
    stack: 'S',
    logicalId: 'M',
    type: 'AWS::StepFunctions::StateMachine',
    physicalName: 'machine',
    properties: { RoleArn: 'arn:aws:iam::000000000000:role/r', DefinitionString: JSON.stringify(definition) },
  };
  const { ref } = engine.resources['AWS::StepFunctions::StateMachine']!.create(request) as { ref: string };
  deliveries.start();
  const close = async () => {
    await deliveries.stop();
    await engine.stop?.();
  };
  ends.push(async () => {
    await close().catch(() => undefined); // some tests have closed it themselves
    surroundings.remove();
  });
  return {
    payloads,
    folder: cloud.dataFolder,
    close,
    start: (input: Json, name = 'one') =>
      engine.operations.StartExecution!.run({ stateMachineArn: ref, name, input: JSON.stringify(input) }, owner),
    answer: (token: unknown, output: Json) =>
      engine.operations.SendTaskSuccess!.run({ taskToken: token, output: JSON.stringify(output) }, owner),
    call: (operation: string, input: Json) => engine.operations[operation]!.run(input, owner),
    nowMs: () => nowMs,
    execution: () => engine.listExecutions()[0]!,
    pass: (ms: number) => {
      nowMs += ms;
      deliveries.start();
    },
    until: (status: string) => until(() => expect(engine.listExecutions()[0]?.status).toBe(status)),
  };
}

export const task = (op: string, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f', Payload: { op, 'order.$': '$.order' } },
  OutputPath: '$.Payload',
  ...more,
});
export const ask = (more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Parameters: { FunctionName: 'f', Payload: { 'token.$': '$$.Task.Token', 'order.$': '$.order' } },
  ...more,
});
export const machine = (States: object) => ({ StartAt: Object.keys(States)[0], States });
