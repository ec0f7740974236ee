/**
 * What the specification of the Amazon States Language states (states-language.net/spec.html), and Step Functions'
 * developer guide where the specification leaves it open. JSONata is not modelled: it stops the start.
 */
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../local/engine.ts';
import { checkRule, holds } from '../../../local/stepfunctions/choice-rules.ts';
import { fillTemplate, putResult, readPath } from '../../../local/stepfunctions/data-flow.ts';
import { readDefinition } from '../../../local/stepfunctions/definition.ts';
import { until } from '../../until.ts';
import { ask, machine, openStates, task } from '../stepfunctions/open-states.ts';

const input = { a: 1, text: 'x', flag: true, none: null, list: [1, { b: 2 }], at: '2026-01-01T12:00:00Z', 'a b': 3 };
const context = { Execution: { Id: 'e' }, State: { Name: 'S' } };

/** Half a second after the other, so that a step falls at its time. */
const passUntil = (test: ReturnType<typeof openStates>, check: () => void): Promise<void> =>
  until(() => {
    test.pass(500);
    check();
  });

describe('paths', () => {
  it.each<[string, unknown]>([
    ['$', input],
    ['$.a', 1],
    ['$.list[1].b', 2],
    ["$['a b']", 3],
    ['$.none', null],
    ['$$.Execution.Id', 'e'],
  ])('%s', (path, expected) => {
    expect(readPath(path, input, context)).toEqual(expected);
  });
  it('that leads to nothing is an error', () => {
    expect(() => readPath('$.missing.x', input, context)).toThrow('The path "$.missing.x" leads to nothing');
  });
});

describe('ResultPath', () => {
  it.each<[string | null, unknown, unknown]>([
    ['$', { in: 1 }, 'r'],
    [null, { in: 1 }, { in: 1 }],
    ['$.out', { in: 1 }, { in: 1, out: 'r' }],
    ['$.in', { in: 1 }, { in: 'r' }],
    ['$.deep.er', { in: 1 }, { in: 1, deep: { er: 'r' } }],
    ['$.in.x', { in: { y: 2 } }, { in: { y: 2, x: 'r' } }],
  ])('%s on %j gives %j', (path, raw, expected) => {
    expect(putResult(path, raw, 'r')).toEqual(expected);
  });
  it.each([1, 'text', [1]])('cannot be put into %j', (raw) => {
    expect(() => putResult('$.out', raw, 'r')).toThrow(
      expect.objectContaining({ name: 'States.ResultPathMatchFailure' }),
    );
  });
});

describe('payload templates', () => {
  it.each<[unknown, unknown]>([
    [
      { 'x.$': '$.a', y: '$.a' },
      { x: 1, y: '$.a' },
    ],
    [{ deep: { 'x.$': '$.list' } }, { deep: { x: [1, { b: 2 }] } }],
    [{ list: [{ 'x.$': '$$.State.Name' }, 5] }, { list: [{ x: 'S' }, 5] }],
    [{ 'x.$': "States.Format('{} is {}', $.text, $.a)" }, { x: 'x is 1' }],
    [{ 'x.$': "States.Format('\\'{}\\' in \\{\\}', $.list)" }, { x: '\'[1,{"b":2}]\' in {}' }],
    [{ 'x.$': 'States.StringToJson(\'{"n":[1]}\')' }, { x: { n: [1] } }],
    [{ 'x.$': 'States.JsonToString($.list)' }, { x: '[1,{"b":2}]' }],
    [{ 'x.$': "States.Array($.a, 'b', null, true, 2.5)" }, { x: [1, 'b', null, true, 2.5] }],
    [{ 'x.$': 'States.Array()' }, { x: [] }],
    [{ 'x.$': 'States.ArrayLength(States.Array(1, 2))' }, { x: 2 }],
    [{ 'x.$': 'States.ArrayContains($.list, 1)' }, { x: true }],
    [{ 'x.$': 'States.ArrayGetItem($.list, 0)' }, { x: 1 }],
    [{ 'x.$': 'States.MathAdd($.a, -3)' }, { x: -2 }],
    [{ 'x.$': "States.StringSplit('1,2;3', ',;')" }, { x: ['1', '2', '3'] }],
    [
      { 'x.$': 'States.JsonMerge(States.StringToJson(\'{"a":1,"b":1}\'), States.StringToJson(\'{"b":2}\'), false)' },
      { x: { a: 1, b: 2 } },
    ],
  ])('%j', (template, expected) => {
    expect(fillTemplate(template, input, context)).toEqual(expected);
  });
  it('an intrinsic function that fails says which', () => {
    const run = (text: string) => () => fillTemplate({ 'x.$': text }, input, context);
    expect(run('States.MathAdd($.text, 1)')).toThrow('States.MathAdd: got "x", allowed is a number');
    expect(run("States.Format('{}')")).toThrow(expect.objectContaining({ name: 'States.IntrinsicFailure' }));
  });
});

describe('choice rules', () => {
  const of = (Variable: string, comparison: object): Json => ({ Variable, ...comparison });
  it.each<[Json, boolean]>([
    [of('$.text', { StringEquals: 'x' }), true],
    [of('$.text', { StringLessThan: 'y' }), true],
    [of('$.text', { StringGreaterThanEquals: 'x' }), true],
    [of('$.text', { StringEqualsPath: '$.text' }), true],
    [of('$.text', { NumericEquals: 1 }), false],
    [of('$.a', { NumericEquals: 1 }), true],
    [of('$.a', { NumericLessThan: 1 }), false],
    [of('$.a', { NumericGreaterThanEquals: 1 }), true],
    [of('$.a', { NumericLessThanEqualsPath: '$.list[1].b' }), true],
    [of('$.a', { StringEquals: '1' }), false],
    [of('$.flag', { BooleanEquals: true }), true],
    [of('$.flag', { BooleanEqualsPath: '$.flag' }), true],
    [of('$.at', { TimestampEquals: '2026-01-01T13:00:00+01:00' }), true],
    [of('$.at', { TimestampGreaterThan: '2026-01-01T12:00:00Z' }), false],
    [of('$.text', { TimestampLessThan: '2026-01-01T12:00:00Z' }), false],
    [of('$.at', { StringMatches: '2026-*Z' }), true],
    [of('$.at', { StringMatches: '2026-*\\*' }), false],
    [of('$.none', { IsNull: true }), true],
    [of('$.none', { IsPresent: true }), true],
    [of('$.missing', { IsPresent: false }), true],
    [of('$.missing', { IsPresent: true }), false],
    [of('$.a', { IsNumeric: true }), true],
    [of('$.text', { IsString: false }), false],
    [of('$.flag', { IsBoolean: true }), true],
    [of('$.at', { IsTimestamp: true }), true],
    [of('$.text', { IsTimestamp: true }), false],
    [{ And: [of('$.a', { NumericEquals: 1 }), of('$.flag', { BooleanEquals: true })] }, true],
    [{ Or: [of('$.a', { NumericEquals: 2 }), of('$.flag', { BooleanEquals: true })] }, true],
    [{ Not: of('$.text', { StringEquals: 'x' }) }, false],
    [{ And: [of('$.missing', { IsPresent: true }), of('$.missing', { NumericEquals: 1 })] }, false],
  ])('%j: %s', (rule, expected) => {
    checkRule(rule);
    expect(holds(rule, input, context)).toBe(expected);
  });
  it('a variable that is missing is an error', () => {
    expect(() => holds(of('$.missing', { NumericEquals: 1 }), input, context)).toThrow('leads to nothing');
  });
});

describe('states', () => {
  const run = async (States: object, given: Json, answer: (payload: Json) => unknown = () => null) => {
    const test = openStates(machine(States), answer);
    test.start(given);
    await until(() => expect(test.execution().status).not.toBe('RUNNING'));
    const { status, output, error, cause } = test.execution();
    return { ...test, status, error, cause, output: JSON.parse(output ?? 'null') as unknown };
  };

  it('Pass hands on its Result, or its Parameters, through all paths', async () => {
    const { output } = await run(
      {
        Fixed: { Type: 'Pass', Result: { x: 0.4 }, ResultPath: '$.fixed', Next: 'Made' },
        Made: {
          Type: 'Pass',
          InputPath: '$.fixed',
          Parameters: { 'twice.$': '$.x' },
          ResultPath: '$.made',
          Next: 'Out',
        },
        Out: { Type: 'Pass', OutputPath: '$.made', End: true },
      },
      { georefOf: 'Home' },
    );
    expect(output).toEqual({ twice: 0.4 });
  });

  it('InputPath null is an empty object, OutputPath null too', async () => {
    const { output } = await run(
      {
        None: { Type: 'Pass', InputPath: null, ResultPath: '$.r', Next: 'Gone' },
        Gone: { Type: 'Succeed', OutputPath: '$.r' },
      },
      { a: 1 },
    );
    expect(output).toEqual({});
  });

  it('a Task selects from its result, puts it onto its input, and gives what OutputPath says', async () => {
    const { output, payloads } = await run(
      {
        T: task('t', {
          InputPath: '$.inner',
          ResultSelector: { 'n.$': '$.Payload.n' },
          ResultPath: '$.result',
          OutputPath: '$',
          End: true,
        }),
      },
      { inner: { order: 7 }, kept: true },
      () => ({ n: 5, big: 'x' }),
    );
    expect(payloads).toEqual([{ op: 't', order: 7 }]);
    expect(output).toEqual({ inner: { order: 7 }, kept: true, result: { n: 5 } });
  });

  it('Fail ends with its error and cause, also from the input', async () => {
    const fixed = await run({ F: { Type: 'Fail', Error: 'E', Cause: 'C' } }, {});
    expect(fixed).toMatchObject({ status: 'FAILED', error: 'E', cause: 'C' });
    const read = await run({ F: { Type: 'Fail', ErrorPath: '$.e', CausePath: '$.c' } }, { e: 'X', c: 'Y' });
    expect(read).toMatchObject({ status: 'FAILED', error: 'X', cause: 'Y' });
  });

  it('a Choice without a fit and without a default is an error that nothing catches', async () => {
    const choice = { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: 1, Next: 'C' }] };
    const { status, error } = await run({ C: choice }, { a: 2 });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  it('Wait waits for its seconds, fixed or from the input', async () => {
    const test = openStates(
      machine({
        W: { Type: 'Wait', Seconds: 10, Next: 'V' },
        V: { Type: 'Wait', SecondsPath: '$.s', End: true },
      }),
      () => null,
    );
    const startedAtMs = test.nowMs();
    test.start({ s: 20 });
    const secondsUntil = async (check: () => void): Promise<number> => {
      await passUntil(test, check);
      return (test.nowMs() - startedAtMs) / 1000;
    };
    expect(await secondsUntil(() => expect(test.execution().state).toBe('V'))).toBeGreaterThanOrEqual(10);
    expect(await secondsUntil(() => expect(test.execution().status).toBe('SUCCEEDED'))).toBeGreaterThanOrEqual(30);
  });

  it('Parallel gives every branch the input, and the results in the order of the branches', async () => {
    const { output } = await run(
      {
        P: {
          Type: 'Parallel',
          Branches: [
            machine({ A: task('a', { End: true }) }),
            machine({ B: { Type: 'Pass', Result: 'b', End: true } }),
            machine({ C: { Type: 'Parallel', Branches: [machine({ D: { Type: 'Succeed' } })], End: true } }),
          ],
          ResultPath: '$.results',
          End: true,
        },
      },
      { order: 1 },
      ({ op, order }) => `${String(op)}${String(order)}`,
    );
    expect(output).toEqual({ order: 1, results: ['a1', 'b', [{ order: 1 }]] });
  });

  it('a branch that fails ends the others, and the Parallel can catch it', async () => {
    const { output, payloads } = await run(
      {
        P: {
          Type: 'Parallel',
          Branches: [
            machine({ Bad: { Type: 'Fail', Error: 'Broken', Cause: 'it broke' } }),
            machine({ W: { Type: 'Wait', Seconds: 60, Next: 'Late' }, Late: task('late', { End: true }) }),
          ],
          Catch: [{ ErrorEquals: ['Broken'], ResultPath: '$.error', Next: 'Caught' }],
          End: true,
        },
        Caught: { Type: 'Succeed' },
      },
      { order: 1 },
    );
    expect(output).toEqual({ order: 1, error: { Error: 'Broken', Cause: 'it broke' } });
    expect(payloads).toEqual([]);
  });

  it('Map runs over its items, no more at once than it may, and knows index and value', async () => {
    let [atOnce, most] = [0, 0];
    const { output } = await run(
      {
        M: {
          Type: 'Map',
          ItemsPath: '$.machines',
          ItemSelector: {
            'order.$': "States.Format('{}-{}', $$.Map.Item.Index, $$.Map.Item.Value)",
            'site.$': '$.site',
          },
          MaxConcurrency: 2,
          ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...machine({ T: task('t', { End: true }) }) },
          End: true,
        },
      },
      { site: 'north', machines: ['P1', 'P2', 'P3', 'P4', 'P5'] },
      async ({ order }) => {
        most = Math.max(most, ++atOnce);
        await new Promise((done) => setImmediate(done));
        atOnce--;
        return order;
      },
    );
    expect(output).toEqual(['0-P1', '1-P2', '2-P3', '3-P4', '4-P5']);
    expect(most).toBe(2);
  });

  it('Map over nothing gives nothing; over something that is no list it fails', async () => {
    const ItemProcessor = machine({ S: { Type: 'Succeed' } });
    expect((await run({ M: { Type: 'Map', ItemsPath: '$.l', ItemProcessor, End: true } }, { l: [] })).output).toEqual(
      [],
    );
    const wrong = await run({ M: { Type: 'Map', ItemsPath: '$.l', ItemProcessor, End: true } }, { l: 5 });
    expect(wrong).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });
});

describe('errors', () => {
  const failing = (name: string) => () => {
    throw Object.assign(new Error('why'), { name });
  };
  const start = (States: object, answer: (payload: Json) => unknown) => {
    const test = openStates(machine(States), answer);
    test.start({ order: 1 });
    return test;
  };

  it('each retrier counts for itself, its delays grow to their limit, and what is left is caught', async () => {
    const errors = ['A', 'A', 'B', 'A', 'A'];
    const at: number[] = [];
    const test: ReturnType<typeof openStates> = start(
      {
        T: task('t', {
          Retry: [
            { ErrorEquals: ['A'], IntervalSeconds: 4, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 3 },
            { ErrorEquals: ['States.ALL'], IntervalSeconds: 1 },
          ],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
          End: true,
        }),
        Caught: { Type: 'Succeed' },
      },
      () => {
        at.push(test.nowMs());
        return failing(errors[at.length - 1] ?? 'none')();
      },
    );
    await passUntil(test, () => expect(test.execution().status).toBe('SUCCEEDED'));
    const gaps = at.slice(1).map((ms, i) => Math.floor((ms - at[i]!) / 1000));
    expect(gaps).toEqual([4, 10, 1, 10]);
    expect(JSON.parse(test.execution().output!)).toEqual({ Error: 'A', Cause: 'why' });
  });

  it.each<[string, string[], boolean]>([
    ['Custom', ['States.TaskFailed'], true],
    ['Custom', ['Other'], false],
    ['Custom', ['Other', 'Custom'], true],
    ['States.Timeout', ['States.TaskFailed'], false],
    ['States.HeartbeatTimeout', ['States.Timeout'], true],
    ['States.Runtime', ['States.ALL'], false],
    ['States.Runtime', ['States.Runtime'], true],
  ])('%s is caught by %j: %s', async (name, ErrorEquals, isCaught) => {
    const test = start(
      { T: task('t', { Catch: [{ ErrorEquals, Next: 'Caught' }], End: true }), Caught: { Type: 'Succeed' } },
      failing(name),
    );
    await test.until(isCaught ? 'SUCCEEDED' : 'FAILED');
  });

  it('a task token that is answered with failure is retried as often as it may be, each time with another token', async () => {
    const test = start({ T: ask({ Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }], End: true }) }, () => null);
    for (const tries of [1, 2]) {
      await until(() => {
        test.pass(1000);
        expect(test.payloads).toHaveLength(tries);
      });
      test.call('SendTaskFailure', { taskToken: test.payloads.at(-1)!.token, error: 'Busy', cause: 'later' });
    }
    await test.until('FAILED');
    expect(test.execution()).toMatchObject({ error: 'Busy', cause: 'later' });
    expect(test.payloads[0]!.token).not.toBe(test.payloads[1]!.token);
  });

  it('a task without a sign of life in time fails; with signs it goes on', async () => {
    const test = start({ T: ask({ HeartbeatSeconds: 10, TimeoutSeconds: 100, End: true }) }, () => null);
    await until(() => expect(test.payloads).toHaveLength(1));
    const taskToken = test.payloads[0]!.token;
    for (let i = 1; i <= 30; i++) {
      test.pass(1_000);
      if (i % 8 === 0) test.call('SendTaskHeartbeat', { taskToken });
      await new Promise((done) => setImmediate(done));
    }
    expect(test.execution().status).toBe('RUNNING');
    await passUntil(test, () => expect(test.execution().status).toBe('FAILED'));
    expect(test.execution().error).toBe('States.HeartbeatTimeout');
    expect(() => test.call('SendTaskHeartbeat', { taskToken })).toThrow('Task Timed Out');
  });

  it('a task that runs longer than it may is left, and its late result changes nothing', async () => {
    let finish = (): void => undefined;
    const test = start(
      {
        T: task('t', { TimeoutSeconds: 0.05, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }], End: true }),
        Late: { Type: 'Wait', Seconds: 60, End: true },
      },
      () =>
        new Promise((done) => {
          finish = () => done('late');
        }),
    );
    await until(() => expect(test.execution().state).toBe('Late'));
    finish();
    test.pass(60_000);
    await test.until('SUCCEEDED');
    expect(JSON.parse(test.execution().output!)).toMatchObject({ Error: 'States.Timeout' });
  });

  it('a machine that runs longer than it may is over, whatever it does', async () => {
    const States = { W: { Type: 'Wait', Seconds: 1000, End: true } };
    const test = openStates({ ...machine(States), TimeoutSeconds: 60 }, () => null);
    test.start({});
    await until(() => expect(test.execution().state).toBe('W'));
    test.pass(60_001);
    await test.until('TIMED_OUT');
  });

  it('branches that were waiting when the process ended go on after it', async () => {
    const branch = (op: string) => machine({ Ask: ask({ Next: op }), [op]: { Type: 'Pass', Result: op, End: true } });
    const definition = machine({ P: { Type: 'Parallel', Branches: [branch('x'), branch('y')], End: true } });
    const before = openStates(definition, () => null);
    before.start({ order: 1 });
    await until(() => expect(before.payloads).toHaveLength(2));
    await before.close();
    const after = openStates(definition, () => null, before.folder);
    for (const { token } of before.payloads) after.answer(token, {});
    await after.until('SUCCEEDED');
    expect(JSON.parse(after.execution().output!)).toEqual(['x', 'y']);
  });
});

describe('a wrong definition stops the start', () => {
  const end = { End: true };
  const pass = { Type: 'Pass', ...end };
  const catchAll = { ErrorEquals: ['States.ALL'], Next: 'A' };
  it.each<[object, RegExp]>([
    [{ StartAt: 'B', States: { A: pass } }, /StartAt: there is no state "B"/],
    [machine({ A: { Type: 'Pass' } }), /A: it has either Next or End/],
    [machine({ A: { ...pass, Next: 'A' } }), /A: it has either Next or End/],
    [machine({ A: { ...pass, ResultPath: '$$.x' } }), /States\.A\.ResultPath/],
    [machine({ A: { ...pass, InputPath: '$..x' } }), /States\.A\.InputPath/],
    [machine({ A: { ...pass, Parameters: { 'x.$': 'a' } } }), /x\.\$: got "a", allowed is a path/],
    [machine({ A: { ...pass, Parameters: { 'x.$': 'States.Hash($.a)' } } }), /States\.Hash: not modelled/],
    [machine({ A: { ...pass, Parameters: { 'x.$': 'States.Array($.a' } } }), /is no call of an intrinsic function/],
    [machine({ A: { Type: 'Wait', Seconds: 1, SecondsPath: '$.s', ...end } }), /A: it waits for one of/],
    [
      machine({ A: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEqual: 1, Next: 'A' }] } }),
      /NumericEqual: got 1/,
    ],
    [
      machine({ A: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: '1', Next: 'A' }] } }),
      /NumericEquals: got "1"/,
    ],
    [
      machine({ A: task('a', { Catch: [catchAll, { ...catchAll, ErrorEquals: ['X'] }], ...end }) }),
      /States.ALL stands alone/,
    ],
    [machine({ A: task('a', { Retry: [{ ErrorEquals: ['X'], BackoffRate: 0.5 }], ...end }) }), /BackoffRate/],
    [machine({ A: { Type: 'Map', ItemProcessor: machine({ B: { Type: 'Pass' } }), ...end } }), /A\.B: it has either/],
    [machine({ A: { Type: 'Map', ItemReader: {}, ItemProcessor: machine({ B: pass }), ...end } }), /ItemReader/],
    [{ ...machine({ A: pass }), QueryLanguage: 'JSONata' }, /QueryLanguage/],
    [machine({ A: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% 1 %}', ...end } }), /States\.A/],
  ])('%j', (definition, says) => {
    expect(() => readDefinition(JSON.stringify(definition))).toThrow(says);
  });
});
