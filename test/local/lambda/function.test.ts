import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type FunctionSettings, LambdaFunction } from '../../../local/lambda/function.ts';
import { until } from '../../until.ts';

const folder = mkdtempSync(join(tmpdir(), 'lambda-'));
const opened: LambdaFunction[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((found) => found.kill()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function createFunction(source: string, settings: Partial<FunctionSettings> = {}) {
  const file = join(folder, `handler-${Math.floor(performance.now() * 1000)}.mjs`);
  writeFileSync(file, source);
  const logs: string[] = [];
  const ends: string[] = [];
  const created = new LambdaFunction(
    {
      name: 'worker',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
      roleArn: 'arn:aws:iam::000000000000:role/worker',
      runtime: { file, exportName: 'handler', memoryMb: 64 },
      environment: { GREETING: 'hello' },
      timeoutMs: 5000,
      maxConcurrency: 2,
      ...settings,
    },
    { onLog: (line) => logs.push(line), onColdStart: () => ends.push('cold'), onEnd: (outcome) => ends.push(outcome) },
  );
  opened.push(created);
  return { invoke: (event: unknown) => created.invoke(event), created, logs, ends };
}

describe('a function', () => {
  it('sees its own environment, event and context, and keeps its memory while warm', async () => {
    const { invoke, logs, ends } = createFunction(
      'let calls = 0; export const handler = async (event, context) => { console.log("line", event.n); return { calls: ++calls, greeting: process.env.GREETING, path: process.env.HOME, left: context.getRemainingTimeInMillis() > 0 }; };',
    );
    expect(await invoke({ n: 1 })).toEqual({ ok: true, payload: '{"calls":1,"greeting":"hello","left":true}' });
    expect(await invoke({ n: 2 })).toMatchObject({ payload: expect.stringContaining('"calls":2') });
    expect(ends).toEqual(['cold', 'success', 'success']);
    await until(() => expect(logs).toEqual(['line 1', 'line 2']));
  });

  it('fails with its error, and lives on', async () => {
    const { invoke } = createFunction(
      'export const handler = (event) => { if (event.bad) throw new TypeError("no good"); return 1; };',
    );
    expect(await invoke({ bad: true })).toMatchObject({
      ok: false,
      error: { errorType: 'TypeError', errorMessage: 'no good' },
    });
    expect(await invoke({})).toEqual({ ok: true, payload: '1' });
  });

  it('has no TypeScript to strip in its worker, and names the runtime briefly in a trace', async () => {
    const { invoke } = createFunction(
      'export const handler = (event) => { if (event.bad) throw new Error("no good"); return process.moduleLoadList.filter((name) => name.includes("amaro")); };',
    );
    expect(await invoke({})).toEqual({ ok: true, payload: '[]' });
    const outcome = await invoke({ bad: true });
    const trace = outcome.ok ? [] : (outcome.error.trace ?? []);
    expect(trace.join('\n')).toContain('local/lambda/runtime.ts');
    expect(Math.max(...trace.map((line) => line.length))).toBeLessThan(200);
  });

  it('is killed at its timeout, even in an endless loop, and starts anew', async () => {
    const { invoke, ends } = createFunction(
      'export const handler = (event) => { while (event.endless); return "fine"; };',
      { timeoutMs: 300 },
    );
    expect(await invoke({ endless: true })).toMatchObject({ ok: false, error: { errorType: 'Sandbox.Timedout' } });
    expect(await invoke({})).toEqual({ ok: true, payload: '"fine"' });
    expect(ends.filter((end) => end === 'cold')).toHaveLength(2);
  });

  it('is killed when it takes more memory than it has', async () => {
    const { invoke } = createFunction(
      'export const handler = () => { const all = []; for (;;) all.push(new Array(100000).fill(Math.random())); };',
      { timeoutMs: 20_000 },
    );
    expect(await invoke({})).toMatchObject({ ok: false, error: { errorType: 'Runtime.OutOfMemory' } });
  });

  it('says that it cannot start', async () => {
    const { invoke } = createFunction('throw new Error("environment: TABLE is missing");');
    expect(await invoke({})).toMatchObject({ ok: false, error: { errorMessage: 'environment: TABLE is missing' } });
  });

  it('runs side by side up to its concurrency, and throttles beyond', async () => {
    const { invoke, created } = createFunction(
      'export const handler = (event) => new Promise((done) => { if (event !== "hang") done(event); });',
    );
    const running = [created.invoke('hang', 'shard-0'), created.invoke('hang', 'shard-1')];
    await expect(invoke('more')).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    expect(created.containerCount).toBe(2);
    await created.kill();
    expect(await Promise.all(running)).toMatchObject([{ ok: false }, { ok: false }]);
  });

  it('serves a burst from the container that is starting, and does not start one for each call', async () => {
    const { invoke, created, ends } = createFunction('export const handler = () => 1;', { maxConcurrency: 10 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => invoke({})));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(ends.filter((end) => end === 'success')).toHaveLength(10);
    expect(created.containerCount).toBeLessThanOrEqual(2);
  });

  it('gives its memory back when nobody asks for a while; what works for a shard stays', async () => {
    const { created } = createFunction('export const handler = () => 1;', { idleKeptMs: 20 });
    await Promise.all([created.invoke({}), created.invoke({}, 'shard-0')]);
    await until(() => expect(created.containerCount).toBe(1));
    expect(await created.invoke({}, 'shard-0')).toEqual({ ok: true, payload: '1' });
    expect(created.containerCount).toBe(1);
  });
});
