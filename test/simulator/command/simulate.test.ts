import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TestBroker, tlsFor } from '../sinks/broker.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulate-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[]): { process: ChildProcess; outcome: Promise<Outcome> } {
  const child = spawn(process.execPath, ['simulator/main.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const outcome = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { process: child, outcome };
}

const simulate = (...args: string[]): Promise<Outcome> => start(args).outcome;
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
};
const lines = (text: string): string[] => text.trimEnd().split('\n');
const pathOf = (name: string): string => join(folder, name);

describe('the published scenario', () => {
  it('prints its 240 events to stdout and the ledger to stderr', async () => {
    const { code, stdout, stderr } = await simulate(
      ...'--machine cnc-process:1 --seed 7 --speed max --duration 480s --out stdout'.split(' '),
    );
    expect(code).toBe(0);
    const events = lines(stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events).toHaveLength(240);
    expect(events[46]).toMatchObject({ part_id: 'BRACKET-6305', vibration_rms: 1.212, anomaly_label: 'chatter' });
    expect(stderr).toBe('ledger: 240 sampled = 240 acknowledged + 0 queued + 0 refused\n');
  });
});

describe('files', () => {
  it('writes telemetry, its truth beside it and a copy of what was sent', async () => {
    const [file, labels, record] = ['t.ndjson', 'labels.ndjson', 'record.ndjson'].map(pathOf) as [
      string,
      string,
      string,
    ];
    const config = pathOf('config.json');
    const press = { id: 'PRESS-7', sensors: { temperature: { min: 20, max: 60 } }, interval_seconds: 2 };
    writeFileSync(config, JSON.stringify({ machines: [press] }));
    const { code, stdout } = await simulate(
      ...['--config', config, '--fault', 'overheating@10s+10s', '--duration', '1m', '--batch', '7'],
      ...['--out', 'file', '--file', file, '--labels', labels, '--record', record, '--json'],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ sampled: 30, acknowledged: 30, queued: 0, difference: 0 });
    expect(readFileSync(record, 'utf8')).toBe(readFileSync(file, 'utf8'));
    const batches = lines(readFileSync(file, 'utf8')).map((line) => JSON.parse(line) as { samples: unknown[] });
    expect(batches.map((batch) => batch.samples.length)).toEqual([7, 7, 7, 7, 2]);
    const truth = lines(readFileSync(labels, 'utf8')).map(
      (line) => JSON.parse(line) as { faults: { level: number }[] },
    );
    expect(truth).toHaveLength(30);
    expect(truth[7]!.faults).toMatchObject([{ mode: 'overheating', level: 0.4 }]);
    expect(readFileSync(file, 'utf8')).not.toContain('overheating');
  });

  it('writes rows under a header as csv', async () => {
    const file = pathOf('t.csv');
    const { code } = await simulate(...'--machine generic:2 --duration 3s --out csv --file'.split(' '), file);
    expect(code).toBe(0);
    const rows = lines(readFileSync(file, 'utf8'));
    expect(rows[0]).toBe(
      'timestamp,machine_id,sensors.temperature,sensors.vibration,sensors.rpm,machine_type,sequence',
    );
    expect(rows).toHaveLength(7);
  });
});

describe('mistakes', () => {
  it.each([
    [['--machine', 'generic', '--rate', 'x'], 'simulate: --rate: got "x", allowed is a number from 0.000001 to 1000\n'],
    [[], 'simulate: no machines: name at least one with --machine type[:count] or --config file\n'],
    [['--config', '/nowhere.json'], 'simulate: cannot read "/nowhere.json": ENOENT\n'],
    [
      ['--machine', 'generic', '--out', 'file', '--file', '/nowhere/x'],
      'simulate: cannot write "/nowhere/x": ENOENT\n',
    ],
    [
      ['--machine', 'generic', '--out', 'mqtt', '--credentials', '/nowhere'],
      'simulate: no --endpoint given and no "/nowhere/endpoint.json"\n',
    ],
    [
      ['--machine', 'generic', '--out', 'mqtt', '--endpoint', 'mqtts://localhost:1', '--outbox', '/dev/null'],
      'simulate: --outbox: got "/dev/null", allowed is a folder\n',
    ],
    [
      ['--machine', 'generic', '--out', 'mqtt', '--endpoint', 'mqtts://localhost:1', '--cert', '/', '--key', '/'],
      'simulate: --out mqtt: cannot read cert "/": EISDIR\n',
    ],
    [
      ['--machine', 'cnc-mill:1000000000000'],
      'simulate: machines: got 1000000000000, allowed are at most 100000 in one run\n',
    ],
    [
      ['--stage', 'nowhere'],
      'simulate: no credentials at ".credentials/nowhere": enrol machines first (npm run enroll; npm start does it for its own), or name a folder\n',
    ],
  ])('%j cost one sentence and exit code 2', async (args, sentence) => {
    expect(await simulate(...args)).toEqual({ code: 2, stdout: '', stderr: sentence });
  });

  it('a certificate that is none costs one sentence too', async () => {
    const [cert, key] = [pathOf('cert.pem'), pathOf('key.pem')];
    writeFileSync(cert, 'nonsense');
    writeFileSync(key, 'nonsense');
    const endpoint = ['--out', 'mqtt', '--endpoint', 'mqtts://localhost:1', '--cert', cert, '--key', key];
    const { code, stderr } = await simulate('--machine', 'generic', ...endpoint);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^simulate: MACHINE-001: certificate and key cannot be used: .*\n$/);
  });

  it.skipIf(!existsSync('/dev/full'))('a full disk beside the telemetry is told, and fails the run', async () => {
    const { code, stdout, stderr } = await simulate(...'--machine generic --duration 3s --labels /dev/full'.split(' '));
    expect(code).toBe(1);
    expect(lines(stdout)).toHaveLength(3);
    expect(stderr).toContain('labels: 3 sampled = 0 acknowledged + 0 queued + 3 refused (3 write failed: ENOSPC)');
  });

  it('shows each sample when it is taken, in real time', async () => {
    const { process: child, outcome } = start(['--machine', 'generic', '--rate', '20']);
    const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
    expect(lines(String(chunk)).length).toBeLessThan(100);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await outcome;
    expect(code).toBe(0);
    expect(stderr).toContain(`ledger: ${lines(stdout).length} sampled = ${lines(stdout).length} acknowledged`);
  });

  it('stops quietly when the reader of the pipe has seen enough', async () => {
    const { process: child, outcome } = start(['--machine', 'generic', '--speed', 'max']);
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    const { code, stderr } = await outcome;
    expect(code).toBe(0);
    expect(stderr).toContain('reader closed the pipe');
  });
});

describe('over MQTT with a folder of credentials', () => {
  it('drains on Ctrl-C, keeps what an absent broker did not take, and delivers it in the next run', async () => {
    const broker = new TestBroker();
    await broker.start();
    const credentials = pathOf('credentials');
    for (const id of ['MACHINE-001', 'MACHINE-002']) {
      const { ca, cert, key } = tlsFor(id);
      mkdirSync(join(credentials, id), { recursive: true });
      writeFileSync(join(credentials, id, 'cert.pem'), cert);
      writeFileSync(join(credentials, id, 'private.key'), key);
      writeFileSync(join(credentials, 'ca.pem'), ca);
    }
    writeFileSync(join(credentials, 'endpoint.json'), JSON.stringify({ endpoint: broker.endpoint }));
    const outbox = pathOf('outbox');
    const args = ['--machine', 'generic:2', '--rate', '20', '--batch', '3', '--out', 'mqtt', '--json'];
    args.push('--credentials', credentials, '--outbox', outbox);

    const first = start(args);
    await until(() => broker.received.length >= 5);
    first.process.kill('SIGINT');
    const interrupted = await first.outcome;
    const ledger = JSON.parse(interrupted.stdout) as Record<string, number>;
    expect(interrupted.code).toBe(0);
    expect(ledger).toMatchObject({ queued: 0, difference: 0, acknowledged: ledger.sampled });
    expect(readdirSync(outbox)).toEqual([]);

    await broker.stop();
    const second = start([...args, '--duration', '300ms']);
    // At its end the run puts on disk what it still waits to deliver.
    await until(() => existsSync(join(outbox, 'MACHINE-002.ndjson')));
    const interruptedAtMs = performance.now();
    second.process.kill('SIGINT');
    const offline = await second.outcome;
    expect(performance.now() - interruptedAtMs).toBeLessThan(5000);
    expect(offline.code).toBe(1);
    expect(JSON.parse(offline.stdout)).toMatchObject({
      sampled: 12,
      acknowledged: 0,
      queued: 12,
      outbox,
      difference: 0,
    });

    await broker.start();
    // Without --machine the folder says which machines there are.
    const third = await simulate(...args.slice(2), '--duration', '300ms');
    expect(third.code).toBe(0);
    expect(JSON.parse(third.stdout)).toMatchObject({ sampled: 12, carriedOver: 12, acknowledged: 24, queued: 0 });
    await broker.stop();
  });
});
