import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openDeliveryQueue } from '../../../local/delivery/delivery-queue.ts';
import { type Cloud, type Json, owner, type ResourceRequest } from '../../../local/engine.ts';
import { createStepFunctions } from '../../../local/stepfunctions/stepfunctions.ts';
import { openSurroundings } from '../surroundings.ts';

type Function = (payload: Json) => unknown;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** An engine whose only neighbour is one function; a step's time comes when `nowMs` says so. */
function open(definition: object, run: Function, folder?: string) {
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
    execution: () => engine.listExecutions()[0]!,
    pass: (ms: number) => {
      nowMs += ms;
      deliveries.start();
    },
    until: (status: string) =>
      vi.waitFor(() => expect(engine.listExecutions()[0]?.status).toBe(status), { interval: 5 }),
  };
}

const task = (op: string, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f', Payload: { op, 'order.$': '$.order' } },
  OutputPath: '$.Payload',
  ...more,
});
const ask = (more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Parameters: { FunctionName: 'f', Payload: { 'token.$': '$$.Task.Token', 'order.$': '$.order' } },
  ...more,
});
const machine = (States: object) => ({ StartAt: Object.keys(States)[0], States });

describe('the Step Functions of the laptop', () => {
  it('hands data on, chooses, and ends with the output', async () => {
    const test = open(
      machine({
        A: task('a', { Next: 'Choose' }),
        Choose: {
          Type: 'Choice',
          Choices: [{ Variable: '$.isNew', BooleanEquals: true, Next: 'B' }],
          Default: 'Known',
        },
        B: task('b', { End: true }),
        Known: { Type: 'Succeed' },
      }),
      ({ op, order }) => ({ order: `${String(order)}${String(op)}`, isNew: true }),
    );
    test.start({ order: 'x' });
    await test.until('SUCCEEDED');
    expect(test.payloads).toEqual([
      { op: 'a', order: 'x' },
      { op: 'b', order: 'xa' },
    ]);
    expect(JSON.parse(test.execution().output!)).toEqual({ order: 'xab', isNew: true });
    expect(() => test.start({ order: 'x' })).toThrow('Execution Already Exists');
  });

  it('waits for the answer to a token, takes it once, and goes on after a restart', async () => {
    const definition = machine({ Ask: ask({ Next: 'Then' }), Then: task('then', { End: true }) });
    const before = open(definition, () => null);
    before.start({ order: 1 });
    await vi.waitFor(() => expect(before.payloads).toHaveLength(1));
    await before.close();
    const after = open(definition, () => 'done', before.folder);
    after.answer(before.payloads[0]!.token, { order: 2 });
    await after.until('SUCCEEDED');
    expect(after.payloads).toEqual([{ op: 'then', order: 2 }]);
    expect(() => after.answer(before.payloads[0]!.token, {})).toThrow('Task Timed Out');
  });

  it('takes the way of the timeout when nobody answers', async () => {
    const test = open(
      machine({
        Ask: ask({
          TimeoutSeconds: 60,
          Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late', ResultPath: '$.error' }],
          End: true,
        }),
        Late: task('late', { End: true }),
      }),
      () => 'kept safe',
    );
    test.start({ order: 7 });
    await vi.waitFor(() => expect(test.payloads).toHaveLength(1));
    test.pass(59_000);
    expect(test.execution().status).toBe('RUNNING');
    test.pass(1_001);
    await test.until('SUCCEEDED');
    expect(test.payloads[1]).toEqual({ op: 'late', order: 7 });
  });

  it('waits until a moment', async () => {
    const test = open(
      machine({ W: { Type: 'Wait', TimestampPath: '$.at', Next: 'End' }, End: { Type: 'Succeed' } }),
      () => null,
    );
    test.start({ at: '2026-01-01T01:00:00Z' });
    await vi.waitFor(() => expect(test.execution().state).toBe('W'));
    test.pass(3_600_001);
    await test.until('SUCCEEDED');
  });

  it('retries with back-off, then fails with the error', async () => {
    const Retry = [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 2 }];
    const test = open(machine({ A: task('a', { Retry, End: true }) }), () => {
      throw new RangeError('no');
    });
    test.start({ order: 1 });
    await vi.waitFor(() => {
      test.pass(1000);
      expect(test.payloads).toHaveLength(3);
    });
    await test.until('FAILED');
    expect(test.payloads).toHaveLength(3);
    expect(test.execution()).toMatchObject({ error: 'RangeError', cause: 'no' });
  });

  it.each([
    [machine({ A: { Type: 'Map', End: true } }), /States\.A\.Type/],
    [machine({ A: task('a', { HeartbeatSeconds: 5, End: true }) }), /HeartbeatSeconds/],
    [machine({ A: task('a', { Next: 'B' }) }), /there is no state "B"/],
    [
      machine({ A: { ...task('a', { End: true }), Resource: 'arn:aws:states:::sqs:sendMessage' } }),
      /States\.A\.Resource/,
    ],
  ])('stops the start at what is not modelled, naming it', (definition, sentence) => {
    expect(() => open(definition, () => null)).toThrow(sentence);
  });
});
