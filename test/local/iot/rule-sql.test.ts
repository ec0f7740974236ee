import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRuleStatement, compileTemplate, type RuleMessage } from '../../../local/iot/sql/rule-statement.ts';

const messageOf = (payload: unknown, topic = 'factory/CNC-001/telemetry'): RuleMessage => ({
  topic,
  payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  clientId: 'CNC-001',
  principal: 'a'.repeat(64),
  accountId: '000000000000',
  receivedAtMs: 1_767_225_600_000,
});

function run(sql: string, payload: unknown, topic?: string): unknown {
  const compiled = compileRuleStatement(sql);
  if (!compiled.ok) throw new Error(compiled.error);
  const output = compiled.value.apply(messageOf(payload, topic));
  return output === null ? null : JSON.parse(Buffer.from(output).toString());
}

const problemOf = (sql: string): string => {
  const compiled = compileRuleStatement(sql);
  return compiled.ok ? 'no problem' : compiled.error;
};

describe('rule SQL, the developer guide’s examples', () => {
  const sensors = {
    e: [
      { n: 'temperature', v: 22.5 },
      { n: 'light', v: 135 },
      { n: 'acidity', v: 7 },
    ],
  };

  it.each([
    ["SELECT color AS rgb FROM 't' WHERE temperature > 50", { color: 'red', temperature: 100 }, { rgb: 'red' }],
    ["SELECT color AS rgb FROM 't' WHERE temperature > 50", { color: 'red', temperature: 50 }, null],
    ["SELECT foo.bar AS bar.baz FROM 't'", { foo: { bar: 'RED' } }, { bar: { baz: 'RED' } }],
    [
      "SELECT {'latitude': get(lat_long, 0), 'longitude': get(lat_long, 1)} AS lat_long FROM 't'",
      { lat_long: [47.606, -122.332] },
      { lat_long: { latitude: 47.606, longitude: -122.332 } },
    ],
    ["SELECT [lat, long] AS lat_long FROM 't'", { lat: 47.696, long: -122.332 }, { lat_long: [47.696, -122.332] }],
    ["SELECT (SELECT VALUE n FROM e) AS sensors FROM 't'", sensors, { sensors: ['temperature', 'light', 'acidity'] }],
    [
      "SELECT (SELECT v FROM e WHERE n = 'temperature') AS temperature FROM 't'",
      sensors,
      { temperature: [{ v: 22.5 }] },
    ],
    [
      "SELECT get((SELECT v FROM e WHERE n = 'temperature'), 0).v AS temperature FROM 't'",
      sensors,
      { temperature: 22.5 },
    ],
    [
      'SELECT * FROM \'t\' WHERE get(get(get(mydata, "item2"), "0"), "my-key") = "myValue"',
      { mydata: { item2: { 0: { 'my-key': 'myValue' } } } },
      { mydata: { item2: { 0: { 'my-key': 'myValue' } } } },
    ],
    [
      "SELECT CASE color WHEN 'green' THEN 'go' WHEN 'yellow' THEN 'caution' WHEN 'red' THEN 'stop' ELSE 'you are not at a stop light' END AS instructions FROM 't'",
      { color: 'yellow' },
      { instructions: 'caution' },
    ],
    ["SELECT *, timestamp() AS timestamp FROM 't'", { a: 1 }, { a: 1, timestamp: 1_767_225_600_000 }],
    ["SELECT 'a' + 1 AS s, 2 + 3 AS n, '2' * '3' AS p FROM 't'", {}, { s: 'a1', n: 5, p: 6 }],
    ["SELECT foo FROM 't' WHERE foo IN (1, 2, 3)", { foo: 2 }, { foo: 2 }],
  ])('%s', (sql, payload, expected) => {
    expect(run(sql, payload)).toEqual(expected);
  });

  it('hands a bare star on untouched, even when it is no JSON', () => {
    const compiled = compileRuleStatement("SELECT * FROM 't'");
    const message = messageOf('{ not json');
    expect(compiled.ok && compiled.value.apply(message)).toBe(message.payload);
  });

  it('reads a part of the topic, counted from 1', () => {
    expect(run("SELECT topic(2) AS machine, topic() AS whole FROM 'factory/+/telemetry'", {})).toEqual({
      machine: 'CNC-001',
      whole: 'factory/CNC-001/telemetry',
    });
  });
});

describe('Undefined', () => {
  it.each([
    ["SELECT missing AS m FROM 't'", {}],
    ["SELECT missing + 1 AS m FROM 't'", {}],
    ["SELECT abs('x') AS m FROM 't'", {}],
    ["SELECT a / 0 AS m FROM 't'", { a: 1 }],
    ["SELECT constructor AS m FROM 't'", {}],
  ])('leaves no member in the output: %s', (sql, payload) => {
    expect(run(sql, payload)).toEqual({});
  });

  it('does not satisfy WHERE, and null is a value', () => {
    expect(run("SELECT a FROM 't' WHERE missing = 1", { a: 1 })).toBeNull();
    expect(run("SELECT a FROM 't' WHERE isNull(a)", { a: null })).toEqual({ a: null });
  });
});

describe('a wrong rule is found before the first message', () => {
  it.each([
    ["SELEC * FRM 't'", 'column 1: expected SELECT, got "SELEC"'],
    ["SELECT * FRM 't'", 'column 10: expected the end of the statement, got "FRM"'],
    ["SELECT nosuch(a) AS b FROM 't'", 'column 8: function nosuch() is not modelled'],
    ["SELECT topic(1, 2) AS b FROM 't'", 'column 8: topic() takes 0 to 1 arguments, got 2'],
    ["SELECT 1 + 1 FROM 't'", 'give the binary expression in the SELECT list a name with AS'],
    ['SELECT * FROM t', 'column 15: expected a topic filter in quotes, like \'factory/+/telemetry\', got "t"'],
    ["SELECT a FROM 't' WHERE a = 'open", 'column 29: "\'open" is not SQL'],
  ])('%s', (sql, problem) => {
    expect(problemOf(sql)).toBe(problem);
  });
});

describe('properties', () => {
  it('arithmetic agrees with numbers, whatever they are', () => {
    const number = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(number, number, number, (a, b, c) => {
        expect(run("SELECT a + b * c AS x, (a + b) * c AS y, a - b - c AS z FROM 't'", { a, b, c })).toEqual(
          JSON.parse(JSON.stringify({ x: a + b * c, y: (a + b) * c, z: a - b - c })),
        );
      }),
    );
  });

  it('De Morgan holds for booleans', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), (a, b) => {
        const out = run("SELECT NOT (a AND b) AS l, NOT a OR NOT b AS r FROM 't'", { a, b }) as {
          l: boolean;
          r: boolean;
        };
        expect(out.l).toBe(out.r);
      }),
    );
  });

  it('no text crashes the compiler: it compiles or says why', () => {
    const word = fc.constantFrom(
      'SELECT',
      '*',
      'FROM',
      "'t'",
      'WHERE',
      'a',
      '.',
      ',',
      '(',
      ')',
      'AND',
      'IN',
      'CASE',
      'WHEN',
      '1',
      '+',
      'AS',
      'topic',
      '"',
      '{',
      ']',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 14 }), (words) => {
        const compiled = compileRuleStatement(words.join(' '));
        expect(compiled.ok || compiled.error.length > 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('substitution templates', () => {
  it('fills in expressions and keeps the rest', () => {
    const template = compileTemplate('machine=${topic(2)}/load=${spindle.load + 1}');
    expect(template.ok && template.value(messageOf({ spindle: { load: 41 } }))).toBe('machine=CNC-001/load=42');
  });

  it('refuses an unknown function', () => {
    expect(compileTemplate('${topicc(2)}')).toEqual({
      ok: false,
      error: 'column 1: function topicc() is not modelled',
    });
  });
});
