import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import type { MachineRequest } from './arguments.ts';

export interface SimulatorOptions {
  readonly machines: readonly MachineRequest[];
  readonly credentialsFolder: string;
  readonly outboxFolder: string;
  readonly logFile: string;
  readonly speed: number;
  /** The first timestamp; null for the real now. */
  readonly start: string | null;
  readonly faults: readonly string[];
  readonly tell: (line: string) => void;
}

export interface SimulatorProcess {
  /** Ends it as Ctrl-C does: it delivers what is queued. */
  stop(): Promise<void>;
}

/** Past this a simulator that does not end is killed. */
const patienceMs = 2000;

/** The factory is a process of its own: what it sends comes over the wire like any machine's. */
export function startSimulator(options: SimulatorOptions): SimulatorProcess {
  const machines = options.machines.flatMap(({ type, count }) => ['--machine', `${type}:${count}`]);
  const faults = options.faults.flatMap((fault) => ['--fault', fault]);
  const args = [
    ...['--import', './local/command/end-with-parent.ts', 'simulator/main.ts', ...machines, ...faults],
    ...['--out', 'mqtt', '--credentials', options.credentialsFolder, '--outbox', options.outboxFolder],
    ...['--speed', String(options.speed), '--json', ...(options.start === null ? [] : ['--start', options.start])],
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(options.logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = new Promise<void>((done) => {
    child.on('close', (code) => {
      log.end();
      if (code !== 0 && !child.killed) options.tell(`the simulator ended with code ${code}; see ${options.logFile}`);
      done();
    });
  });
  return { stop: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGINT');
  const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(impatience);
}
