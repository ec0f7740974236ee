import { describe, expect, it } from 'vitest';
import { type Arguments, parseArguments } from '../../../simulator/command/arguments.ts';
import { parseDuration } from '../../../simulator/command/duration.ts';
import { parseFault } from '../../../simulator/command/fault-request.ts';
import { formatProgress } from '../../../simulator/command/progress.ts';

const understand = (line: string): Arguments => {
  const parsed = parseArguments(line.split(' '));
  if (!parsed.ok || parsed.value === 'help') throw new Error('not understood');
  return parsed.value;
};

describe('the command line', () => {
  it('reads machines, time and output', () => {
    const args = understand(
      '--machine generic:5 --machine centrifugal-pump --mode stress --seed 7 --rate 2 --batch 5 --duration 2m --speed 60 ' +
        '--start 2026-03-01T00:00:00Z --out file --file x.ndjson --fault overheating@120s%MACHINE-003 --json',
    );
    expect(args).toMatchObject({
      simulation: {
        machines: [
          { type: 'generic', count: 5 },
          { type: 'centrifugal-pump', count: 1 },
        ],
        lifecycle: 'stress',
        seed: 7,
        rateHz: 2,
        durationS: 120,
        startMs: Date.UTC(2026, 2, 1),
        faults: [{ mode: 'overheating', onsetS: 120, growthS: 600, severity: 1, machineId: 'MACHINE-003' }],
      },
      output: 'file',
      filePath: 'x.ndjson',
      speed: 60,
      batchSize: 5,
      json: true,
    });
  });

  it('runs as fast as it goes when the run ends and is only written, in real time otherwise', () => {
    const unlimited = Number.POSITIVE_INFINITY;
    expect(understand('--machine generic --duration 5s').speed).toBe(unlimited);
    expect(understand('--machine generic').speed).toBe(1);
    const mqtt = '--machine generic --duration 5s --out mqtt --endpoint mqtts://localhost:8883';
    expect(understand(mqtt).speed).toBe(1);
    expect(understand(`${mqtt} --speed max`).speed).toBe(unlimited);
  });

  it('starts at a fixed moment unless it speaks to a broker in real time', () => {
    expect(understand('--machine generic').simulation.startMs).toBeUndefined();
    const mqtt = '--machine generic --out mqtt --endpoint mqtts://localhost:8883';
    expect(understand(mqtt).simulation.startMs).toBeGreaterThan(Date.UTC(2026, 0, 2));
    expect(understand(`${mqtt} --speed max`).simulation.startMs).toBeUndefined();
  });

  it('finds a stage by its name', () => {
    expect(understand('--stage dev')).toMatchObject({ output: 'mqtt', mqtt: { credentials: '.credentials/dev' } });
    expect(understand('--stage local').mqtt.credentials).toBe('.local/credentials');
    expect(understand('--stage dev --credentials mine').mqtt.credentials).toBe('mine');
  });

  it.each([
    ['--stage a/b', '--stage: got "a/b", allowed is a stage name'],
    ['--stage dev --out csv', '--stage sends over mqtt: got --out csv beside it'],
    ['--bogus', "Unknown option '--bogus'; see --help"],
    ['--machine lathe:3', '--machine: got "lathe:3", allowed are centrifugal-pump'],
    ['--machine generic:x', '--machine generic count: got "x", allowed is a whole number from 1'],
    ['--rate 0', '--rate: got "0", allowed is a number from 0.000001 to 1000'],
    [
      '--machine generic --duration -1s',
      "Option '--duration' argument is ambiguous: to specify an option argument starting with a dash use '--duration=-XYZ'; see --help",
    ],
    ['--machine generic --file x', '--file goes with --out file or csv: got --out stdout'],
    ['--machine generic --endpoint mqtts://x', '--endpoint goes with --out mqtt: got --out stdout'],
    ['--machine generic --out csv --batch 5', '--batch goes with --out stdout or file or mqtt: got --out csv'],
    ['--machine centrifugal-pump --out csv --lifecycle-events', '--lifecycle-events goes with --out stdout or file'],
    ['--machine cnc-mill --mode stress', '--mode goes with --machine centrifugal-pump: got cnc-mill'],
    ['--config c.json --program p.nc', '--program goes with --machine cnc-mill: got --config'],
    ['--machine generic --out file --file x --labels x', 'need a path each: got "x" twice'],
    ['--speed fast', '--speed: got "fast", allowed is a number above 0 or max'],
    ['--seed 1.5', '--seed: got "1.5", allowed is a whole number from 0'],
    ['--out pdf', '--out: got "pdf", allowed are stdout, file, csv, mqtt'],
    ['--mode slow', '--mode: got "slow", allowed are none, nominal, accelerated, stress'],
    ['--duration soon', '--duration: got "soon", allowed is a time like 500ms'],
    ['--start yesterday', '--start: got "yesterday", allowed is a time like 2026-'],
    ['--out mqtt', '--out mqtt needs --endpoint mqtts://host:port, or --credentials'],
    ['--endpoint http://x', '--endpoint: got "http://x", allowed is mqtts://host:port'],
    ['--cert a.pem', '--cert and --key go together'],
    ['--basic-ingest a/b', '--basic-ingest: got "a/b", allowed is a rule name'],
    ['--fault tool_wear@', '--fault: got "tool_wear@", allowed is mode[:component][@onset]'],
  ])('refuses %s in one sentence', (line, sentence) => {
    const parsed = parseArguments(line.split(' '));
    expect(parsed.ok ? '' : parsed.error).toContain(sentence);
  });
});

describe('a fault', () => {
  it.each([
    ['tool_wear@120s', { mode: 'tool_wear', onsetS: 120, growthS: 600, severity: 1 }],
    ['imbalance', { mode: 'imbalance', onsetS: 0, growthS: 600, severity: 1 }],
    [
      'axis_backlash:axis_x@5m+1h*0.8%CNC-002',
      { mode: 'axis_backlash', component: 'axis_x', onsetS: 300, growthS: 3600, severity: 0.8, machineId: 'CNC-002' },
    ],
    ['imbalance+0s', { mode: 'imbalance', onsetS: 0, growthS: 0, severity: 1 }],
    ['imbalance*0', { mode: 'imbalance', onsetS: 0, growthS: 600, severity: 0 }],
  ])('%s', (text, request) => {
    expect(parseFault(text)).toEqual({ ok: true, value: request });
  });

  it.each([
    ['imbalance@x', '--fault imbalance onset: got "x"'],
    ['imbalance+x', '--fault imbalance growth: got "x"'],
    ['imbalance*2', '--fault imbalance severity: got "2", allowed is a number from 0 to 1'],
    ['Imbalance', '--fault: got "Imbalance"'],
  ])('%s is refused', (text, sentence) => {
    const parsed = parseFault(text);
    expect(parsed.ok ? '' : parsed.error).toContain(sentence);
  });
});

it.each([
  ['500ms', 0.5],
  ['90', 90],
  ['90s', 90],
  ['1.5m', 90],
  ['2h', 7200],
  ['1d', 86_400],
])('%s are %d seconds', (text, seconds) => {
  expect(parseDuration('--duration', text)).toEqual({ ok: true, value: seconds });
});

it('tells progress in one line: machines, rate, acknowledged, link and the faults under way', () => {
  const facts = {
    machines: 2,
    sampled: 100,
    acknowledged: 90,
    queued: 10,
    simulatedMs: 3_725_000,
    activeFaults: ['A imbalance 50 %', 'B imbalance 50 %', 'C imbalance 50 %', 'D imbalance 50 %'],
    link: '1/2 connected (A: refused)',
  };
  expect(formatProgress(facts, 2)).toBe(
    '2 machines · 01:02:05 simulated · 100 samples (2.0/s) · 90 acknowledged · 10 queued · 1/2 connected (A: refused) · ' +
      'faults: A imbalance 50 %, B imbalance 50 %, C imbalance 50 % and 1 more',
  );
});
