import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findSwallowed, parseStart } from '../../../local/command/arguments.ts';

describe('--fault', () => {
  it.each([
    ['imbalanse@30s%PUMP-001', /^--fault: got "imbalanse", allowed for these machines are bearing_wear, .*imbalance/],
    ['imbalance@30s%PUMP-009', /^--fault imbalance: there is no machine "PUMP-009" in this run$/],
    ['imbalance@soon', /^--fault imbalance onset: got "soon", allowed is a time like/],
  ])('%s is refused before anything starts', (text, says) => {
    expect(parseStart(['--fault', text])).toEqual({ ok: false, error: expect.stringMatching(says) });
  });

  it('is passed on where a machine of the run can have it', () => {
    const fault = 'imbalance@30s+5m%PUMP-001';
    expect(parseStart(['--fault', fault])).toMatchObject({ ok: true, value: { faults: [fault] } });
  });
});

describe('a wrong value is refused in one sentence', () => {
  it.each([
    [['--port', 'abc'], '--port: got "abc", allowed is a number from 0 to 65535'],
    [['--port', '80.5'], '--port: got "80.5", allowed is a whole number from 0 to 65535'],
    [
      ['--port', '-1'],
      "Option '--port' argument is ambiguous: to specify an option argument starting with a dash use '--port=-XYZ'",
    ],
    [['--port=-1'], '--port: got "-1", allowed is a number from 0 to 65535'],
    [['--mqtt-port'], "Option '--mqtt-port <value>' argument missing"],
    [['--speed', '0'], '--speed: got "0", allowed is a number from 0.01 to 1000'],
    [['--for', '30'], '--for: got "30", allowed is a time like 30s, 5m or 1h'],
    [['--stage', ''], '--stage: got "", a name is needed, like local'],
    [['--machines', 'cnc-mill:1.5'], '--machines: got "1.5", allowed is a whole number from 1 to 10000'],
    [['--throttle=yes'], "Option '--throttle' does not take an argument"],
    [['--fast'], "Unknown option '--fast'"],
    [['extra'], "Unexpected argument 'extra'"],
  ])('%j', (args, says) => {
    expect(parseStart(args)).toEqual({ ok: false, error: says });
  });

  it.each(['lathe:2', '', 'cnc-mill:1:2', '3.5', '1e3'])('--machines "%s"', (text) => {
    const allowed = 'allowed are a number or type:count of centrifugal-pump, cnc-mill, cnc-process, generic';
    expect(parseStart(['--machines', text])).toEqual({ ok: false, error: `--machines: got "${text}", ${allowed}` });
  });
});

describe('--config', () => {
  const folder = mkdtempSync(join(tmpdir(), 'start-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (content: string): string => {
    const path = join(folder, 'plant.json');
    writeFileSync(path, content);
    return path;
  };
  const press = { id: 'PRESS-7', sensors: { temperature: { min: 20, max: 60 } }, interval_seconds: 2 };

  it('makes the plant of its machines alone, and of others where they are named', () => {
    const path = write(JSON.stringify({ machines: [press] }));
    const alone = { config: { path, machines: [press] }, machines: [] };
    expect(parseStart(['--config', path])).toMatchObject({ ok: true, value: alone });
    const beside = { machines: [{ type: 'cnc-mill', count: 1 }], faults: ['overheating@1s%PRESS-7'] };
    expect(parseStart(['--config', path, '--machines', 'cnc-mill', '--fault', 'overheating@1s%PRESS-7'])).toMatchObject(
      { ok: true, value: beside },
    );
  });

  it('is refused with the field that is wrong, or where there is no such file', () => {
    const path = write(JSON.stringify([{ ...press, sensors: { temperature: { min: 60, max: 20 } } }]));
    const wrong = `--config ${path}: machines[0].sensors.temperature: min must be below max (got {"min":60,"max":20})`;
    expect(parseStart(['--config', path])).toEqual({ ok: false, error: wrong });
    const missing = join(folder, 'none.json');
    expect(parseStart(['--config', missing])).toEqual({
      ok: false,
      error: `--config ${missing}: cannot be read (ENOENT)`,
    });
  });
});

describe('what the simulator is told', () => {
  it('is refused before anything starts where it is wrong', () => {
    const none = '--mode: got "stress" in a run without centrifugal-pump, which alone ages';
    expect(parseStart(['--mode', 'fast'])).toEqual({
      ok: false,
      error: '--mode: got "fast", allowed are nominal, accelerated, stress',
    });
    expect(parseStart(['--mode', 'stress', '--machines', 'cnc-mill'])).toEqual({ ok: false, error: none });
    expect(parseStart(['--chaos', 'hail'])).toMatchObject({ ok: false, error: expect.stringContaining('"hail"') });
  });

  it('is passed on', () => {
    const given = ['--mode', 'stress', '--chaos', 'duplicate:p=0.1', '--chaos', 'late:p=0.1'];
    expect(parseStart(given)).toMatchObject({
      ok: true,
      value: { mode: 'stress', chaos: ['duplicate:p=0.1', 'late:p=0.1'] },
    });
  });
});

describe('an option that npm took for its own', () => {
  it.each([
    [{ npm_config_fresh: 'true' }, '--fresh'],
    [{ npm_config_mqtt_port: '0', npm_config_for: 'true' }, '--mqtt-port, --for'],
    [{ npm_config_simulator: '' }, '--no-simulator'],
  ])('%j is told', (environment, names) => {
    expect(findSwallowed(environment)).toContain(`npm took ${names} for its own: options come after a "--"`);
  });

  it('is none where npm has only its own', () => {
    expect(findSwallowed({ npm_config_json: 'true', npm_config_registry: 'x', PATH: '' })).toBeUndefined();
  });
});

describe('--machines', () => {
  it('adds up what it names twice', () => {
    const machines = [
      { type: 'cnc-mill', count: 3 },
      { type: 'cnc-process', count: 1 },
    ];
    const parsed = parseStart(['--machines', 'cnc-mill:1,cnc-process,cnc-mill:2']);
    expect(parsed).toMatchObject({ ok: true, value: { machines } });
  });
});

describe('--smtp', () => {
  it.each([
    ['localhost:1025', { host: 'localhost', port: 1025 }],
    ['[::1]:25', { host: '::1', port: 25 }],
    ['relay.plant.example:587', { host: 'relay.plant.example', port: 587 }],
  ])('%s names a relay', (text, relay) => {
    expect(parseStart(['--smtp', text])).toMatchObject({ ok: true, value: { smtp: relay } });
  });

  it.each([
    ['localhost', '--smtp: got "localhost", allowed is host:port, like localhost:1025'],
    ['localhost:0', '--smtp: got "0", allowed is a number from 1 to 65535'],
  ])('%s is refused', (text, says) => {
    expect(parseStart(['--smtp', text])).toEqual({ ok: false, error: says });
  });

  it('is left out where nobody wants it', () => {
    expect(parseStart([])).toMatchObject({ ok: true, value: { smtp: null } });
  });
});
