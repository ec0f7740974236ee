import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProcessMachine } from '../../simulator/process/machine.ts';
import { until } from '../until.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from './assembly.ts';

const machineId = 'SEAS-CNC-01';
const own = `factory/${machineId}/telemetry`;
const another = 'factory/SEAS-CNC-02/telemetry';

let test: TestLaptop;
beforeAll(async () => {
  await synthesise();
  test = await openLaptop();
  await enroll(test, { [machineId]: 'cnc-process', 'SEAS-CNC-02': 'cnc-process' });
});
afterAll(() => test?.stop());

const inFolder = (...path: string[]): string => join(test.folder, 'credentials', ...path);

let samplesMade = 0;
function sample(): string {
  const startMs = Date.now() - 60_000 + 1000 * ++samplesMade;
  const machine = createProcessMachine({ machineId, seed: 1, startMs, intervalMs: 2000, faults: [] });
  return JSON.stringify(machine.next().payload);
}

const runToEnd = (command: string, args: readonly string[]): Promise<number | null> =>
  new Promise((done) => spawn(command, args).on('close', done));

const isMosquittoThere = spawnSync('mosquitto_pub', ['--help']).error === undefined;

function publishByMosquitto(topic: string, proof: readonly string[] = withCertificate()): Promise<number | null> {
  const args = ['-h', 'localhost', '-p', String(test.laptop.iot.port()), '-i', machineId, '-q', '1', '-t', topic];
  return runToEnd('mosquitto_pub', [...args, '--cafile', inFolder('ca.pem'), ...proof, '-m', sample()]);
}
const withCertificate = (): string[] => [
  ...['--cert', inFolder(machineId, 'cert.pem')],
  ...['--key', inFolder(machineId, 'private.key')],
];

function findDeviceSdk(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('aws-iot-device-sdk-v2');
  } catch {
    return undefined;
  }
}
const isDeviceSdkThere = findDeviceSdk() !== undefined;

/** By the script of the documentation. */
function publishByDeviceSdk(topic: string): Promise<number | null> {
  const [, script = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync('docs/clients.md', 'utf8')) ?? [];
  const args = ['--input-type=module', '-e', script, inFolder(), machineId, topic, sample()];
  return runToEnd(process.execPath, args);
}

describe.each([
  {
    client: 'mosquitto_pub',
    isThere: isMosquittoThere,
    get: 'apt-get install mosquitto-clients',
    publish: publishByMosquitto,
  },
  { client: 'aws-iot-device-sdk-v2', isThere: isDeviceSdkThere, get: 'docs/clients.md', publish: publishByDeviceSdk },
])('a stock client with an enrolled credentials folder', ({ client, isThere, get, publish }) => {
  const named = isThere ? client : `${client} (skipped, see ${get})`;

  it.skipIf(!isThere)(`${named} publishes a sample that is stored`, async () => {
    const { stored } = test.laptop.ledger.totals();
    expect(await publish(own)).toBe(0);
    const after = { stored: stored + 1, inFlight: 0, difference: 0 };
    await until(() => expect(test.laptop.ledger.totals()).toMatchObject(after));
  });

  it.skipIf(!isThere)(`${named} is cut off under another machine’s topic, and nothing of it is taken`, async () => {
    const { published } = test.laptop.ledger.totals();
    expect(await publish(another)).not.toBe(0);
    expect(test.told.at(-2)).toContain(
      `publish to ${another} is refused: its policies do not allow iot:Publish on this topic; disconnected`,
    );
    expect(test.laptop.ledger.totals().published).toBe(published);
  });
});

describe('a stock client without a certificate', () => {
  it.skipIf(!isMosquittoThere)('does not get in', async () => {
    const { published } = test.laptop.ledger.totals();
    expect(await publishByMosquitto(own, [])).not.toBe(0);
    expect(test.laptop.ledger.totals().published).toBe(published);
  });
});
