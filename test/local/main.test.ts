import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
    const places = ['--assembly', assemblyFolder, '--data', folder, '--port', '0', '--mqtt-port', '0'];
    const { child, lines, ended } = start('local/main.ts', [
      '--json',
      '--machines',
      'cnc-process:2,cnc-mill:1',
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
    expect(final, err).toMatchObject({ final: true, machines: 3, difference: 0, quarantined: 0 });
    expect(final.published).toBe(final.stored + final.duplicates + final.deadLettered + final.inFlight);
    expect(code).toBe(0);
    expect(err).toMatch(/AWS endpoint {2}http:\/\/127\.0\.0\.1:\d+/);
    expect(err).toMatch(/MQTT broker {3}mqtts:\/\/localhost:\d+/);
    expect(JSON.parse(readFileSync(join(folder, 'status.json'), 'utf8'))).toEqual(final);
    const status = await start('local/status.ts', ['--data', folder]).ended;
    expect(status).toMatchObject({ code: 1, out: [expect.stringMatching(/^ended {2}.*published = /)] });
  }, 90_000);

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
