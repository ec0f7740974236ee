/**
 * The examples and tables of AWS IoT's SQL reference (developer guide, "Functions" and "Operators"; the guide's source at
 * github.com/awsdocs/aws-iot-docs). Left out: examples that contradict their own table (`get("abc", 1)` is said to be
 * "a", `bitnot(13)` 2). What is not modelled stops the start, by its name.
 */
import { describe, expect, it } from 'vitest';
import { compileRuleStatement } from '../../../local/iot/sql/rule-statement.ts';

const payload = {
  list: ['a', 'b', 'c'],
  object: { a: 'b', 0: 'zero' },
  none: null,
  whole: 10.0,
  encoded: 'eyAidGVtcCI6IDMzIH0K',
};

/** Undefined where the output has no such member. */
function evaluate(expression: string): unknown {
  const compiled = compileRuleStatement(`SELECT ${expression} AS x FROM 't'`);
  if (!compiled.ok) throw new Error(compiled.error);
  const message = {
    topic: 'foo/bar/baz',
    clientId: 'CNC-1',
    principal: 'p',
    accountId: '123456789012',
    receivedAtMs: 1,
  };
  const output = compiled.value.apply({ ...message, payload: Buffer.from(JSON.stringify(payload)) });
  return output === null ? 'nothing' : (JSON.parse(Buffer.from(output).toString()) as { x?: unknown }).x;
}

type Case = readonly [expression: string, expected: unknown];

const tables: Readonly<Record<string, readonly Case[]>> = {
  'functions of numbers': [
    ['abs(-5)', 5],
    ["abs('-5.123')", 5.123],
    ["abs('five')", undefined],
    ['abs(true)', undefined],
    ['bitand(13, 5)', 5],
    ['bitand(13.9, 5)', 5],
    ['bitor(8, 5)', 13],
    ['bitxor(13, 5)', 8],
    ['ceil(1.2)', 2],
    ['ceil(-1.2)', -1],
    ['floor(1.2)', 1],
    ['floor(-1.2)', -2],
    ["floor('1.7')", 1],
    ['floor([1, 2, 3])', undefined],
    ['cos(0)', 1],
    ['exp(0)', 1],
    ['log(100)', 2],
    ['mod(8, 3)', 2],
    ['nanvl(8, 3)', 8],
    ['nanvl(missing, 3)', 3],
    ['nanvl(none, 3)', 3],
    ["nanvl('text', 3)", 'text'],
    ['power(2, 5)', 32],
    ['round(1.2)', 1],
    ['round(1.5)', 2],
    ['round(1.7)', 2],
    ['round(-1.1)', -1],
    ['round(-1.5)', -2],
    ['sign(-7)', -1],
    ['sign(0)', 0],
    ['sign(13)', 1],
    ['sin(0)', 0],
    ['sqrt(9)', 3],
    ['sqrt(-9)', undefined],
    ['tan(3)', -0.1425465430742778],
  ],
  'functions of texts': [
    ['concat(1)', '1'],
    ['concat([1, 2, 3], 4)', [1, 2, 3, 4]],
    ["concat([1, 2, 3], 'hello')", [1, 2, 3, 'hello']],
    ["concat('con', 'cat')", 'concat'],
    ["concat(1, 'hello')", '1hello'],
    ["concat('he', 'is', 'man')", 'heisman'],
    ["concat([1, 2, 3], 'hello', [4, 5, 6])", [1, 2, 3, 'hello', 4, 5, 6]],
    ["endswith('cat', 'at')", true],
    ["endswith('cat', none)", undefined],
    ["startswith('ranger', 'ran')", true],
    ['startswith(none, 1)', undefined],
    ["indexof('abcd', 'bc')", 1],
    ["length('hi')", 2],
    ['length(false)', 5],
    ["lower('HELLO')", 'hello'],
    ["lower(['HELLO'])", '["hello"]'],
    ["upper('hello')", 'HELLO'],
    ["ltrim(' h i ')", 'h i '],
    ["rtrim(' h i ')", ' h i'],
    ["trim(' h i ')", 'h i'],
    ["numbytes('hi')", 2],
    ["numbytes('€')", 3],
    ["regexp_matches('aaaa', 'a{2,}')", true],
    ["regexp_matches('aaaa', 'b')", false],
    ["regexp_matches('aaaa', '(')", undefined],
    ["regexp_substr('hihihello', 'hi')", 'hi'],
    ["regexp_substr('hihihello', '(hi)*')", 'hihi'],
    ["replace('abcd', 'bc', 'x')", 'axd'],
    ["replace('abcdabcd', 'b', 'x')", 'axcdaxcd'],
    ["replace(none, 'b', 'x')", undefined],
    ["substring('012345', 0)", '012345'],
    ["substring('012345', 2)", '2345'],
    ["substring('012345', 2.745)", '2345'],
    ['substring(123, 2)', '3'],
    ["substring('012345', -1)", '012345'],
    ['substring(true, 1.2)', 'rue'],
    ["substring('012345', 1, 3)", '12'],
    ["substring('012345', -50, 50)", '012345'],
    ["substring('012345', 3, 1)", ''],
    ["substring('012345', 'x')", undefined],
    ["md5('hello')", '5d41402abc4b2a76b9719d911017c592'],
  ],
  'functions of the message and of collections': [
    ['accountid()', '123456789012'],
    ['clientid()', 'CNC-1'],
    ['topic()', 'foo/bar/baz'],
    ['topic(1)', 'foo'],
    ['topic(2)', 'bar'],
    ['topic(4)', undefined],
    ['get(list, 1)', 'b'],
    ["get(list, '1')", 'b'],
    ['get(list, -1)', undefined],
    ['get(list, 3)', undefined],
    ["get(object, 'a')", 'b'],
    ['get(object, 0)', undefined],
    ["get('abc', 1)", 'b'],
    ['get(5, 1)', undefined],
    ['isNull(5)', false],
    ['isNull(none)', true],
    ['isNull(missing)', false],
    ['isUndefined(5)', false],
    ['isUndefined(floor([1, 2, 3]))', true],
    ["decode(encoded, 'base64').temp", 33],
    ["decode('aGVsbG8=', 'base64')", 'hello'],
    ["decode('no base64!', 'base64')", null],
    ["encode('hello', 'base64')", 'aGVsbG8='],
  ],
  cast: [
    ['cast(true as Int)', 1],
    ["cast('-1.2' as Decimal)", -1.2],
    ["cast('5E-12' as Decimal)", 5e-12],
    ["cast('x' as Decimal)", undefined],
    ['cast(1.9 as Int)', 1],
    ['cast(-1.2 as Integer)', -2],
    ['cast(0 as Boolean)', false],
    ['cast(5 as Bool)', true],
    ["cast('TRUE' as Boolean)", true],
    ["cast('yes' as Boolean)", undefined],
    ['cast(12 as String)', '12'],
    ['cast(true as Text)', 'true'],
    ['cast([1, 2] as String)', '[1,2]'],
    ['cast(none as String)', undefined],
  ],
  operators: [
    ["true AND 'TRUE'", true],
    ["true AND 'yes'", undefined],
    ["false OR 'true'", true],
    ['1 OR true', undefined],
    ["NOT 'False'", true],
    ["2 > '1'", true],
    ["2 > 'one'", undefined],
    ['2 >= 2.0', true],
    ["'1' < '10'", true],
    ['1 = 1.0', true],
    ["1 = '1'", false],
    ["1 <> '1'", true],
    ['none = none', true],
    ['none <> none', false],
    ['1 = missing', undefined],
    ['[1, 2] = [1, 2]', true],
    ['[1, 2] = [2, 1]', false],
    ["{'a': 1, 'b': 2} = {'b': 2, 'a': 1}", true],
    ["'a' + 1", 'a1'],
    ["1 + 'a'", '1a'],
    ['1 + 2', 3],
    ['1 + true', undefined],
    ["'5' - 2", 3],
    ["'5' - 'x'", undefined],
    ["'2' * 2.5", 5],
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['whole / 4', 2],
    ['7 / 2.5', 2.8],
    ["'7' / 2", 3.5],
    ['7 / 0', undefined],
    ['7 % 2', 1],
    ["'7' % 4", 3],
  ],
};

describe.each(Object.entries(tables))('%s', (_, cases) => {
  it.each(cases)('%s is %j', (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });
});

it('cast() to a type that is none is found before the first message', () => {
  const compiled = compileRuleStatement("SELECT cast(a AS Integerr) AS x FROM 't'");
  expect(compiled.ok ? '' : compiled.error).toBe('column 8: cast() knows no type Integerr');
});

it.each(['aws_lambda', 'get_dynamodb', 'get_thing_shadow', 'machinelearning_predict', 'parse_time', 'time_to_epoch'])(
  '%s() is not modelled, and that is said before the first message',
  (name) => {
    const compiled = compileRuleStatement(`SELECT ${name}('a', 'b') AS x FROM 't'`);
    expect(compiled.ok ? '' : compiled.error).toContain(`function ${name}() is not modelled`);
  },
);
