import { describe, expect, it } from 'vitest';
import { until } from '../../until.ts';
import { ask, machine, openStates as open, task } from './open-states.ts';

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

  it('starts once however often it is asked with one name and input, and refuses the name to another input', async () => {
    const test = open(machine({ Ask: ask({ End: true }) }), () => null);
    const first = test.start({ order: 1 });
    await until(() => expect(test.payloads).toHaveLength(1));
    test.pass(1000);
    expect(test.start({ order: 1 })).toEqual(first);
    expect(() => test.start({ order: 2 })).toThrow('Execution Already Exists');
    expect(test.payloads).toHaveLength(1);
    const { token } = test.payloads[0]!;
    const answering = () => test.call('SendTaskSuccess', { taskToken: token, output: '{' });
    expect(answering).toThrow(expect.objectContaining({ name: 'InvalidOutput' }));
  });

  it('waits for the answer to a token, takes it once, and goes on after a restart', async () => {
    const definition = machine({ Ask: ask({ Next: 'Then' }), Then: task('then', { End: true }) });
    const before = open(definition, () => null);
    before.start({ order: 1 });
    await until(() => expect(before.payloads).toHaveLength(1));
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
    await until(() => expect(test.payloads).toHaveLength(1));
    test.pass(59_000);
    expect(test.execution().status).toBe('RUNNING');
    test.pass(1_001);
    await test.until('SUCCEEDED');
    expect(test.payloads[1]).toEqual({ op: 'late', order: 7 });
  });

  it.each([
    ['TimeoutSeconds', 'States.Timeout'],
    ['HeartbeatSeconds', 'States.HeartbeatTimeout'],
  ])('counts %s of a task token from the start of the task, while its function still runs', async (field, error) => {
    let release: (value: null) => void = () => undefined;
    const hanging = new Promise<null>((done) => {
      release = done;
    });
    const test = open(machine({ Ask: ask({ [field]: 60, End: true }) }), () => hanging);
    test.start({ order: 7 });
    await until(() => expect(test.payloads).toHaveLength(1));
    test.pass(60_001);
    await test.until('FAILED');
    expect(test.execution().error).toBe(error);
    release(null);
  });

  it('waits until a moment', async () => {
    const test = open(
      machine({ W: { Type: 'Wait', TimestampPath: '$.at', Next: 'End' }, End: { Type: 'Succeed' } }),
      () => null,
    );
    test.start({ at: '2026-01-01T01:00:00Z' });
    await until(() => expect(test.execution().state).toBe('W'));
    test.pass(3_600_001);
    await test.until('SUCCEEDED');
  });

  it('retries with back-off, then fails with the error', async () => {
    const Retry = [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 2 }];
    const test = open(machine({ A: task('a', { Retry, End: true }) }), () => {
      throw new RangeError('no');
    });
    test.start({ order: 1 });
    await until(() => {
      test.pass(1000);
      expect(test.payloads).toHaveLength(3);
    });
    await test.until('FAILED');
    expect(test.payloads).toHaveLength(3);
    expect(test.execution()).toMatchObject({ error: 'RangeError', cause: 'no' });
  });

  it('is redriven from the state that failed, with the input it had, and not while it runs or when it has succeeded', async () => {
    let isMended = false;
    const test = open(machine({ A: task('a', { Next: 'B' }), B: task('b', { End: true }) }), ({ op, order }) => {
      if (op === 'b' && !isMended) throw new RangeError('no');
      return { order: `${String(order)}${String(op)}` };
    });
    test.start({ order: 'x' });
    await test.until('FAILED');
    const executionArn = test.execution().arn;
    expect(test.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'FAILED', error: 'RangeError' });
    isMended = true;
    test.call('RedriveExecution', { executionArn });
    await test.until('SUCCEEDED');
    expect(test.payloads.map(({ op }) => op)).toEqual(['a', 'b', 'b']);
    expect(test.call('DescribeExecution', { executionArn })).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"order":"xab"}',
    });
    expect(() => test.call('RedriveExecution', { executionArn })).toThrow('only what failed can be redriven');
    expect(() => test.call('DescribeExecution', { executionArn: 'x' })).toThrow("Execution Does Not Exist: 'x'");
  });

  it.each([
    [machine({ A: { Type: 'Mapp', End: true } }), /States\.A\.Type/],
    [machine({ A: task('a', { Credentials: {}, End: true }) }), /Credentials/],
    [{ ...machine({ A: task('a', { End: true }) }), QueryLanguage: 'JSONata' }, /QueryLanguage/],
    [machine({ A: task('a', { Next: 'B' }) }), /there is no state "B"/],
    [machine({ A: task('a', { HeartbeatSeconds: 5, End: true }) }), /HeartbeatSeconds is modelled with a task token/],
    [machine({ A: ask({ HeartbeatSeconds: 9, TimeoutSeconds: 9, End: true }) }), /HeartbeatSeconds: got 9, allowed is/],
    [
      machine({ A: { ...task('a', { End: true }), Resource: 'arn:aws:states:::sqs:sendMessage' } }),
      /States\.A\.Resource/,
    ],
  ])('stops the start at what is not modelled, naming it', (definition, sentence) => {
    expect(() => open(definition, () => null)).toThrow(sentence);
  });
});
