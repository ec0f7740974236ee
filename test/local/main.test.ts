import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../local/command/report.ts';
import { assemblyFolder, synthesise } from './assembly.ts';

const folder = mkdtempSync(join(tmpdir(), 'start-'));
beforeAll(synthesise);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(script: string, args: readonly string[]) {
  const child = spawn('node_modules/.bin/node', [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: string[][] = [[], []];
  const lines = createInterface({ input: child.stdout! });
  lines.on('line', (line) => out!.push(line));
  createInterface({ input: child.stderr! }).on('line', (line) => err!.push(line));
  const ended = new Promise<{ code: number | null; out: string[]; err: string }>((done) =>
    child.on('close', (code) => done({ code, out: out!, err: err!.join('\n') })),
  );
  return { child, lines, ended };
}

describe('npm start', () => {
  it('brings samples into the store, and Ctrl-C ends it within 5 s with every sample accounted for', async () => {
    const data = join(folder, 'ended');
    const places = ['--assembly', assemblyFolder, '--data', data, '--port', '0', '--mqtt-port', '0'];
    const config = join(folder, 'plant.json');
    const sensors = { temperature: { min: 20, max: 60 }, oil_level: { min: 1, max: 2 } };
    writeFileSync(config, JSON.stringify({ machines: [{ id: 'PRESS-7', sensors, interval_seconds: 0.5 }] }));
    const { child, lines, ended } = start('local/main.ts', [
      '--json',
      '--machines',
      'cnc-process:2,cnc-mill:1',
      '--config',
      config,
      ...places,
    ]);
    await new Promise<void>((done, fail) => {
      lines.on('line', (line) => (JSON.parse(line) as Report).stored > 0 && done());
      child.once('close', () => fail(new Error('it ended before a sample was stored')));
    });
    const stoppedAtMs = performance.now();
    child.kill('SIGINT');
    const { code, out, err } = await ended;
    expect(performance.now() - stoppedAtMs).toBeLessThan(5000);
    const final = JSON.parse(out.at(-1)!) as Report;
    expect(final, err).toMatchObject({ final: true, machines: 4, difference: 0, quarantined: 0 });
    expect(final.published).toBe(final.stored + final.duplicates + final.deadLettered + final.inFlight);
    expect(code).toBe(0);
    expect(err).toContain('PRESS-7: no twin looks at oil_level; type generic knows temperature, vibration, rpm, ');
    expect(err).toMatch(/AWS endpoint {2}http:\/\/127\.0\.0\.1:\d+/);
    expect(err).toMatch(/MQTT broker {3}mqtts:\/\/localhost:\d+/);
    expect(JSON.parse(readFileSync(join(data, 'status.json'), 'utf8'))).toEqual(final);
    const status = await start('local/status.ts', ['--data', data]).ended;
    expect(status).toMatchObject({ code: 1, out: [expect.stringMatching(/^ended {2}.*published = /)] });
  }, 90_000);

  it('keeps its data to itself, and when it is killed the next start goes on with them', async () => {
    const data = join(folder, 'killed');
    const places = ['--assembly', assemblyFolder, '--data', data, '--port', '0', '--mqtt-port', '0'];
    const first = start('local/main.ts', ['--json', '--machines', 'cnc-process:1', ...places]);
    await new Promise<void>((done) =>
      first.lines.on('line', (line) => (JSON.parse(line) as Report).stored > 0 && done()),
    );
    const second = await start('local/main.ts', ['--fresh', ...places]).ended;
    expect(second).toMatchObject({ code: 1, err: expect.stringMatching(/^start: \S+ is in use by another run; /) });
    expect(await start('local/status.ts', ['--data', data]).ended).toMatchObject({
      code: 0,
      out: [expect.stringMatching(/^running {2}.* 1 machine /)],
    });
    const logs = await start('local/tail-logs.ts', ['detection', '--data', data]).ended;
    expect(logs).toMatchObject({ code: 0, out: expect.arrayContaining([expect.stringContaining('SamplesObserved')]) });
    first.child.kill('SIGKILL');
    await first.ended;
    const { code, out, err } = await start('local/main.ts', ['--json', '--no-simulator', '--for', '1s', ...places])
      .ended;
    const final = JSON.parse(out.at(-1)!) as Report;
    expect(final, err).toMatchObject({ final: true, inFlight: 0, difference: 0 });
    expect(code).toBe(0);
  }, 90_000);

  it('ends in order when whoever reads its lines has gone', async () => {
    const data = join(folder, 'unread');
    const places = ['--assembly', assemblyFolder, '--data', data, '--port', '0', '--mqtt-port', '0'];
    const { child, lines, ended } = start('local/main.ts', ['--json', '--no-simulator', ...places]);
    await new Promise<void>((done) => lines.once('line', () => done()));
    child.stdout!.destroy();
    const { code, err } = await ended;
    expect(err).not.toContain('EPIPE');
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(join(data, 'status.json'), 'utf8'))).toMatchObject({ final: true });
  }, 60_000);

  it('names the stages that there are', async () => {
    const places = ['--assembly', join(folder, 'nowhere'), '--data', join(folder, 'stage')];
    const { code, err } = await start('local/main.ts', ['--stage', 'nowhere', ...places]).ended;
    expect(err).toMatch(/^start: stage: got "nowhere"; known are local, dev, prod \(.*\)$/m);
    expect(code).toBe(1);
  }, 30_000);

  it.each(['{"elapsedS":', 'null', '{}'])('status refuses a status.json that holds %s in a sentence', async (text) => {
    const data = mkdtempSync(join(folder, 'broken-'));
    writeFileSync(join(data, 'status.json'), text);
    const { code, err } = await start('local/status.ts', ['--data', data]).ended;
    expect({ code, err }).toEqual({
      code: 1,
      err: `status: ${join(data, 'status.json')} is no report of this version's npm start; the next start writes it anew`,
    });
  });

  it.each([
    ['local/status.ts', [], /^status: nothing has run here: there is no \S+; begin with npm start$/],
    [
      'local/tail-logs.ts',
      ['detection', '--follow'],
      /^logs: nothing has run here: there is no log in \S+; begin with npm start$/,
    ],
  ])('%s says that nothing has run where nothing has', async (script, args, says) => {
    const { code, err } = await start(script, [...args, '--data', join(folder, 'empty')]).ended;
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(says) });
  });

  const wrong: readonly (readonly [string[], string])[] = [
    [
      ['--machines', 'lathe:2'],
      'start: --machines: got "lathe:2", allowed are a number or type:count of centrifugal-pump, cnc-mill',
    ],
    [['--for', 'soon'], 'start: --for: got "soon", allowed is a time like 30s, 5m or 1h'],
    [['--port', '99999'], 'start: --port: got "99999", allowed is a number from 0 to 65535'],
    [['--fast'], "start: Unknown option '--fast'"],
  ];
  it.each(wrong)('says in one sentence what is wrong with %s', async (args, says) => {
    const { code, out, err } = await start('local/main.ts', args).ended;
    expect(err).toContain(says);
    expect(err).not.toContain('    at ');
    expect({ code, out }).toEqual({ code: 2, out: [] });
  });
});
