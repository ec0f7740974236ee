import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceError } from '../../local/engine.ts';
import { startThread, type Thread } from '../../local/thread.ts';

const local = (name: string): string =>
  JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../local', name)).href);
const source = `
  import { parentPort } from 'node:worker_threads';
  import { ServiceError } from ${local('engine.ts')};
  import { answerCalls } from ${local('thread.ts')};
  answerCalls(parentPort, {
    add: (a, b) => a + b,
    later: (value) => new Promise((done) => setImmediate(() => done(value))),
    length: (bytes) => bytes.byteLength,
    refuse: () => { throw new ServiceError('RejectedRecordsException', 'one is refused', 419, { RejectedRecords: [1] }); },
    fail: () => { throw new TypeError('no good'); },
  });`;

type Functions = {
  add: (a: number, b: number) => number;
  later: (value: string) => Promise<string>;
  length: (bytes: Uint8Array) => number;
  refuse: () => never;
  fail: () => never;
};

describe('functions in a thread', () => {
  const folder = mkdtempSync(join(tmpdir(), 'thread-'));
  const module = join(folder, 'functions.mjs');
  let thread: Thread<Functions>;
  beforeAll(() => {
    writeFileSync(module, source);
    thread = startThread<Functions>(pathToFileURL(module));
  });
  afterAll(async () => {
    await thread.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('give each caller its own answer, in whatever order they come', async () => {
    const answers = [thread.call('later', ['slow']), thread.call('add', [2, 3]), thread.call('later', ['too'])];
    expect(await Promise.all(answers)).toEqual(['slow', 5, 'too']);
  });

  it('take over what changes hands', async () => {
    const bytes = new Uint8Array(8);
    expect(await thread.call('length', [bytes], [bytes.buffer])).toBe(8);
    expect(bytes.byteLength).toBe(0);
  });

  it('are not waited for at the end with what could not be sent to them', async () => {
    const own = startThread<Functions>(pathToFileURL(module));
    await expect(own.call('later', [(() => 'no') as unknown as string])).rejects.toThrow('could not be cloned');
    await own.stop();
  });

  it('refuse as they would here, and go on', async () => {
    const refusal = await thread.call('refuse', []).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ServiceError);
    expect(refusal).toMatchObject({
      name: 'RejectedRecordsException',
      message: 'one is refused',
      statusCode: 419,
      details: { RejectedRecords: [1] },
    });
    await expect(thread.call('fail', [])).rejects.toThrow(TypeError('no good'));
    expect(await thread.call('add', [1, 1])).toBe(2);
  });

  it('end what is under way before they are stopped, and take nothing more', async () => {
    const other = startThread<Functions>(pathToFileURL(module));
    const underWay = Array.from({ length: 50 }, () => other.call('later', ['done']));
    const stopped = other.stop({ first: 'add', last: 'add' });
    await expect(other.call('add', [1, 1])).rejects.toThrow('the thread has been stopped');
    await stopped;
    expect(new Set(await Promise.all(underWay))).toEqual(new Set(['done']));
    await other.stop();
  });
});
