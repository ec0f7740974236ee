import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProcessMachine } from '../../simulator/process/machine.ts';
import { until } from '../until.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from './assembly.ts';

const machineId = 'SEAS-CNC-01';
const isInstalled = spawnSync('mosquitto_pub', ['--help']).error === undefined;
const title = 'mosquitto_pub with an enrolled credentials folder';

describe.skipIf(!isInstalled)(isInstalled ? title : `${title} (skipped: apt-get install mosquitto-clients)`, () => {
  let test: TestLaptop;
  beforeAll(async () => {
    await synthesise();
    test = await openLaptop();
    await enroll(test, { [machineId]: 'cnc-process', 'SEAS-CNC-02': 'cnc-process' });
  });
  afterAll(() => test?.stop());

  function publish(topic: string, message: string, proof: readonly string[] = withCertificate()) {
    const args = ['-h', 'localhost', '-p', String(test.laptop.iot.port()), '-i', machineId, '-q', '1', '-t', topic];
    const child = spawn('mosquitto_pub', [...args, '--cafile', inFolder('ca.pem'), ...proof, '-m', message]);
    return new Promise<number | null>((done) => child.on('close', done));
  }
  const inFolder = (...path: string[]): string => join(test.folder, 'credentials', ...path);
  const withCertificate = (): string[] => [
    ...['--cert', inFolder(machineId, 'cert.pem')],
    ...['--key', inFolder(machineId, 'private.key')],
  ];
  const sample = (): string => {
    const startMs = Date.now() - 5000;
    return JSON.stringify(
      createProcessMachine({ machineId, seed: 1, startMs, intervalMs: 2000, faults: [] }).next().payload,
    );
  };

  it('publishes a sample that is stored', async () => {
    expect(await publish(`factory/${machineId}/telemetry`, sample())).toBe(0);
    await until(() => expect(test.laptop.ledger.totals()).toMatchObject({ stored: 1, inFlight: 0, difference: 0 }));
  });

  it('is cut off when it publishes under another machine’s topic, and nothing of it is taken', async () => {
    const { published } = test.laptop.ledger.totals();
    expect(await publish('factory/SEAS-CNC-02/telemetry', sample())).not.toBe(0);
    expect(test.told.join('\n')).toContain(
      'publish to factory/SEAS-CNC-02/telemetry is refused: its policies do not allow iot:Publish on this topic; disconnected',
    );
    expect(test.laptop.ledger.totals().published).toBe(published);
  });

  it('does not get in without a certificate', async () => {
    const { published } = test.laptop.ledger.totals();
    expect(await publish(`factory/${machineId}/telemetry`, sample(), [])).not.toBe(0);
    expect(test.laptop.ledger.totals().published).toBe(published);
  });
});
