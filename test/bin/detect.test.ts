import { spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runDetect } from '../../bin/detect/detect.ts';
import { machineCatalogue } from '../../simulator/catalogue.ts';
import type { FaultPlan } from '../../simulator/machine.ts';

function record(type: string, count: number, faults: readonly FaultPlan[] = []): Record<string, unknown>[] {
  const entry = machineCatalogue[type]!;
  const machine = entry.create({
    machineId: entry.nameMachine(1),
    seed: 7,
    startMs: Date.UTC(2026, 0, 1),
    intervalMs: 2000,
    faults,
  });
  return Array.from({ length: count }, () => ({ ...machine.next().payload }));
}

const toLines = (payloads: readonly unknown[]): string => payloads.map((p) => `${JSON.stringify(p)}\n`).join('');

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}

async function detect(args: string[], input: string | Buffer, chunkBytes = 1000) {
  const bytes = Buffer.from(input);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, i) =>
    bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes),
  );
  const streams = { input: Readable.from(chunks), output: new Text(), errors: new Text() };
  const code = await runDetect(args, streams);
  return { code, out: streams.output.text, err: streams.errors.text };
}

const parseLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** As the simulator writes CSV: dotted paths. */
function toCsv(payloads: readonly Record<string, unknown>[]): string {
  const flat = payloads.map((p) => flatten(p));
  const header = Object.keys(flat[0]!);
  const cell = (value: unknown): string => {
    const text = value === null || value === undefined ? '' : String(value);
    return text.includes(',') ? `"${text}"` : text;
  };
  return [header.join(','), ...flat.map((row) => header.map((key) => cell(row[key])).join(','))].join('\n');
}

function flatten(value: Record<string, unknown>, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, v]) =>
      typeof v === 'object' && v !== null
        ? Object.entries(flatten(v as Record<string, unknown>, `${prefix}${key}.`))
        : [[prefix + key, v]],
    ),
  );
}

describe('detect', () => {
  const scenario = record('cnc-process', 240);
  const ndjson = toLines(scenario);

  it('prints one line a sample with sequence, codes, severity, health, decision and evidence', async () => {
    const { code, out, err } = await detect(['--json'], ndjson);
    const lines = parseLines(out);
    expect([code, err, lines.length]).toEqual([0, '', 240]);
    expect(lines[46]).toMatchObject({
      sequence: 46,
      codes: ['load_residual', 'chatter_risk'],
      severity: 'warning',
      health: 97,
      decision: 'human_review',
    });
    expect(lines[46].evidence[0]).toMatchObject({
      signal: 'spindle_load_pct',
      unit: '%',
      observed: 69.34,
      expected: 58.12,
    });
  });

  it('reads the same from gzip, from CSV, from batches and in any chunks', async () => {
    const { out } = await detect(['--json'], ndjson);
    const batches = toLines([{ samples: scenario.slice(0, 100) }, { samples: scenario.slice(100) }]);
    expect((await detect(['--json'], gzipSync(ndjson))).out).toBe(out);
    expect((await detect(['--json'], gzipSync(toCsv(scenario)), 7)).out).toBe(out);
    expect((await detect(['--json'], toCsv(scenario).replaceAll('\n', '\r\n'))).out).toBe(out);
    expect((await detect(['--json'], batches)).out).toBe(out);
  });

  it('reads JSON over several lines, a list, objects side by side, and several archive objects in one', async () => {
    const some = scenario.slice(0, 30);
    const { out } = await detect(['--json'], toLines(some));
    const sameFrom = async (text: string | Buffer) => {
      const { code, out: got, err } = await detect(['--json'], text, 333);
      expect([code, err]).toEqual([0, '']);
      expect(got).toBe(out);
    };
    await sameFrom(JSON.stringify({ samples: some }, null, 2));
    await sameFrom(JSON.stringify(some));
    await sameFrom(some.map((one) => JSON.stringify(one, null, 1)).join('\n'));
    await sameFrom(some.map((one) => JSON.stringify(one)).join(''));
    await sameFrom(`\uFEFF${toLines(some)}`);
    await sameFrom(Buffer.concat([gzipSync(toLines(some.slice(0, 12))), gzipSync(toLines(some.slice(12)))]));
  });

  it('tells where JSON that never ends began', async () => {
    const { code, err } = await detect(['--json'], JSON.stringify(scenario[0], null, 2).slice(0, 200));
    expect([code, err]).toEqual([1, expect.stringContaining('line 1: not_json: JSON without an end: {·')]);
  });

  it('says that there was nothing to read, and does not flood a terminal with what is no recording', async () => {
    const nothing = await detect([], '');
    expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining('no sample in the input')]);
    const { code, err } = await detect([], 'a\u0007b\uFFFD\n'.repeat(500));
    expect(code).toBe(1);
    expect(err.split('\n')).toHaveLength(53);
    expect(err).toContain('line 1: not_json: line is not JSON: a·b·');
    expect(err).toContain('450 more were refused');
  });

  it('says of a spreadsheet parted by semicolons what parts the cells of a CSV', async () => {
    const { code, err } = await detect([], 'timestamp;machine_id;speed_rpm\n2026-01-01T00:00:00Z;PUMP-1;2900,5\n');
    expect(code).toBe(1);
    expect(err).toContain(
      'line 1: not_json: line is not JSON, and as CSV its cells are parted by a semicolon or a tab, allowed is a comma: timestamp;',
    );
  });

  it('says of a config that is no JSON what is wrong with it on one line', async () => {
    const { code, err } = await detect(['--config', 'README.md'], '');
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/^detect: --config README\.md: [^\n]+ is not valid JSON\n$/),
    ]);
  });

  it('says which checks still warm up, at a machine’s first line and at the end', async () => {
    const { out } = await detect([], toLines(record('centrifugal-pump', 20)));
    expect(out.split('\n')[2]).toMatch(/^ {4}warming up: .+; all others already speak$/);
    expect(out).toMatch(/\n {2}warming up .+/);
    expect((await detect([], ndjson)).out.match(/warming up/g)).toHaveLength(1);
  });

  it('keeps machines apart that stand in one file', async () => {
    const pump = record('centrifugal-pump', 50);
    const mill = record('cnc-mill', 50);
    const mixed = pump.flatMap((p, i) => [p, mill[i]!, scenario[i]!]);
    const lines = parseLines((await detect(['--json'], toLines(mixed))).out);
    const alone = parseLines((await detect(['--json'], toLines(scenario.slice(0, 50)))).out);
    expect(lines.filter((line) => line.machine_id === 'SEAS-CNC-01')).toEqual(alone);
    expect(new Set(lines.map((line) => line.machine_type)).size).toBe(3);
  });

  it('tells refused lines with number and reason, reads on, and says so by its exit code', async () => {
    const [first, second] = toLines(scenario.slice(0, 2)).split('\n');
    const strange = JSON.stringify({ ...scenario[0], machine_id: 'no spaces please' });
    const { code, out, err } = await detect(['--json'], [first, '{oops', '', strange, second].join('\n'));
    expect([code, parseLines(out).length]).toEqual([1, 2]);
    expect(err.split('\n')[0]).toContain('line 2: not_json');
    expect(err.split('\n')[1]).toContain('line 4: bad_machine_id: machine_id: got "no spaces please"');
  });

  it('shows people only what changed, with its reasons, and a summary', async () => {
    const { out } = await detect([], ndjson);
    expect(out).toContain('load_residual: spindle_load_pct 69.34 %, expected 58.12, at least 47.12, at most 69.12');
    expect(out).toContain('episode opened: thermal_drift');
    expect(out).toMatch(
      /decision {3}proceed 104, schedule_intervention 86, human_review 23, watch 14, do_not_proceed 13/,
    );
    const everything = await detect(['--all'], ndjson);
    expect(everything.out.match(/SEAS-CNC-01 /g)!.length).toBeGreaterThan(240);
  });

  it('says what each code rests on: value, limit, and the detector with its score', async () => {
    const imbalance: FaultPlan = { mode: 'imbalance', onsetS: 60, growthS: 300, severity: 1 };
    const { out } = await detect([], toLines(record('centrifugal-pump', 400, [imbalance])));
    expect(out).toMatch(/vibration_zone: vibration_x [\d.]+ mm\/s, at most 4 \[vibration-zones 1\.\d+\]/);
    expect(out).toMatch(/imbalance: vibration_1x_mm_s [\d.]+ mm\/s, expected [\d.]+, at most [\d.]+ \[limits [\d.]+\]/);
    expect((await detect([], ndjson)).out).toMatch(/chatter_risk: vibration_rms [\d.]+ mm\/s \[rolling-z [\d.]+\]/);
  });

  it('says what to do and what to check first once an episode opens or worsens', async () => {
    const { out } = await detect([], ndjson);
    expect(out).toMatch(/episode opened: tool_wear .*\n {4}do: .+ \(confidence \d+ %\)\n {4}check first: .+/);
    expect(out).not.toMatch(/episode cleared: .*\n {4}do:/);
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^ {2}at the end \w+: .+; check first: .+/);
  });

  it('summarises for programs', async () => {
    const { out } = await detect(['--json', '--summary'], ndjson);
    const [machine] = JSON.parse(out).machines;
    expect(machine).toMatchObject({
      machineId: 'SEAS-CNC-01',
      samples: 240,
      codes: {
        load_residual: 25,
        chatter_risk: 24,
        thermal_drift: 18,
        tool_wear: 96,
        feed_mismatch: 7,
        sensor_dropout: 6,
      },
    });
  });

  it.each([
    [['--machine-type', 'lathe'], '--machine-type: got "lathe", allowed are cnc-process'],
    [['--config', 'no/such/file.json'], '--config no/such/file.json'],
    [['--jsom'], "Unknown option '--jsom'"],
  ])('answers %j with a sentence and exit code 2', async (args, sentence) => {
    const { code, out, err } = await detect(args, '');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(sentence);
    expect(err).not.toContain('    at ');
  });

  it('takes the type of a sample that names none from the command line', async () => {
    const sample = { machine_id: 'X-1', timestamp: '2026-01-01T00:00:00Z', sensors: { temperature: 20 } };
    const bare = { machine_id: 'X-1', timestamp: '2026-01-01T00:00:01Z', other: 1 };
    const { out } = await detect(['--json', '--machine-type', 'generic'], toLines([sample, bare]));
    expect(parseLines(out).map((line) => line.machine_type)).toEqual(['generic', 'generic']);
  });

  it('tells a broken archive instead of ending quietly', async () => {
    const { code, err } = await detect(['--json'], gzipSync(ndjson).subarray(0, 2000));
    expect(code).toBe(1);
    expect(err).toContain('could not be read to its end');
  });

  it('ends without complaint when its reader has seen enough', async () => {
    const child = spawn(process.execPath, ['bin/detect.ts', '--json'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let complaints = '';
    child.stderr.on('data', (chunk) => {
      complaints += chunk;
    });
    child.stdin.on('error', () => undefined);
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.end(ndjson.repeat(40));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, complaints]).toEqual([0, '']);
  });
});
