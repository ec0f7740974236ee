import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import type { Json } from '../../local/engine.ts';
import { pressDefinition } from '../core/detection/plant-type.ts';
import { until } from '../until.ts';
import { signInAs } from './apigateway/sign-in.ts';
import { enroll, openLaptop, type TestLaptop } from './assembly.ts';

const project = resolve(import.meta.dirname, '../..');
const plantFile = 'core/machine-types/plant.json';
const tree = mkdtempSync(join(tmpdir(), 'plant-type-'));

/** The project as a plant has it, with types of its own, synthesised as `npm start` does. */
const synthesiseWith = (types: unknown): Promise<string> => synthesise(JSON.stringify(types));

async function synthesise(text: string): Promise<string> {
  writeFileSync(join(tree, plantFile), text);
  const outdir = join(tree, 'cdk.out');
  const context = JSON.stringify({ ...cdkJson.context, stage: 'local' });
  const env = { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: context, CDK_VALIDATION: 'false' };
  await promisify(execFile)(process.execPath, ['bin/app.ts'], { cwd: tree, env });
  return outdir;
}

let test: TestLaptop | undefined;
/** Not the page that was built: another test may be building it just now. */
const isSource = (path: string): boolean => basename(path) !== 'dist';

beforeAll(() => {
  for (const part of ['bin', 'core', 'lambdas', 'lib', 'ui', 'cdk.json', 'package.json', 'tsconfig.json'])
    cpSync(join(project, part), join(tree, part), { recursive: true, filter: isSource });
  symlinkSync(join(project, 'node_modules'), join(tree, 'node_modules'));
});
afterAll(async () => {
  await test?.stop();
  rmSync(tree, { recursive: true, force: true });
});

const startMs = Date.now() - 20_000;
const sampleOf = (i: number, force: number): string =>
  JSON.stringify({
    machine_id: 'PRESS-1',
    machine_type: 'press',
    timestamp: new Date(startMs + i * 1000).toISOString(),
    ...{ force, current: 20 + (i % 3), warmth: 40 + (i % 2), tilt: 0.1 * (i % 4), phase: 'pressing' },
  });

describe('a machine type of the plant’s own, in plant.json', () => {
  it('is refused before anything is synthesised, by its field', async () => {
    const failed = synthesiseWith([pressDefinition, { ...pressDefinition, name: 'Press 2' }]);
    await expect(failed).rejects.toMatchObject({
      stderr: expect.stringMatching(/^core\/machine-types\/plant\.json: machine type 2: name: .*\(got "Press 2"\)\n$/),
    });
  });

  it('is refused in one sentence where the file is no JSON', async () => {
    await expect(synthesise('[{ "name": "press", ]')).rejects.toMatchObject({
      stderr: expect.stringMatching(/^core\/machine-types\/plant\.json: it is no JSON: [^\n]+\n$/),
    });
  });

  it('is stored, watched and shown like a built-in one, without code', async () => {
    test = await openLaptop(undefined, undefined, await synthesiseWith(pressDefinition));
    const events: Json[] = [];
    test.laptop.events.listeners.add((event) => events.push(event));
    const { url, options } = (await enroll(test, { 'PRESS-1': 'press' }))('PRESS-1');
    const client = await connectAsync(url, options);
    for (let i = 0; i < 20; i++)
      await client.publishAsync('factory/PRESS-1/telemetry', sampleOf(i, i < 15 ? 200 : 400), { qos: 1 });
    await client.endAsync();
    const ledger = { published: 20, stored: 20, quarantined: 0, inFlight: 0, difference: 0 };
    await until(() => expect(test!.laptop.ledger.totals()).toMatchObject(ledger));
    await until(() => expect(events.map((event) => event['detail-type'])).toContain('anomaly'));
    expect(events.find((event) => event['detail-type'] === 'anomaly')).toMatchObject({
      detail: { machineId: 'PRESS-1', transition: { kind: 'opened', code: 'overforce' } },
    });
    const headers = { authorization: `Bearer ${await signInAs(test.laptop.url, 'viewer')}` };
    const ask = async (path: string): Promise<unknown> =>
      (await fetch(`${test!.laptop.url}/api/${path}`, { headers })).json();
    const shown = { machineType: 'press', findings: [{ code: 'overforce' }], decision: 'do_not_proceed' };
    await until(async () => expect(await ask('machines/PRESS-1')).toMatchObject(shown));
    expect(await ask('machine-types/press')).toMatchObject({ title: 'Press' });
  }, 60_000);
});
