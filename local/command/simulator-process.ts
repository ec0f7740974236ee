import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineCatalogue } from '../../simulator/catalogue.ts';
import { parseFault } from '../../simulator/command/fault-request.ts';
import { ageingType, type MachineRequest, type StartArguments } from './arguments.ts';

type Wishes = Pick<StartArguments, 'machines' | 'config' | 'mode' | 'chaos' | 'faults'>;

export interface SimulatorOptions extends Wishes {
  readonly credentialsFolder: string;
  readonly outboxFolder: string;
  readonly logFolder: string;
  readonly speed: number;
  /** The first timestamp; null for the real now. */
  readonly start: string | null;
  readonly tell: (line: string) => void;
}

export interface SimulatorProcess {
  /** Ends it as Ctrl-C does: it delivers what is queued. */
  stop(): Promise<void>;
}

/** Past this a simulator that does not end is killed; by itself it takes two seconds at most. */
const patienceMs = 2500;

/** The factory is made of processes of its own, one a machine type: what they send comes over the wire like any machine's. */
export function startSimulators(options: SimulatorOptions): SimulatorProcess {
  const shares = shareOut(options);
  const processes = shares.map((share) => startSimulator({ ...options, ...share }));
  return { stop: async () => void (await Promise.all(processes.map((simulator) => simulator.stop()))) };
}

interface Share {
  readonly type: string;
  readonly machines: readonly MachineRequest[];
  readonly faults: readonly string[];
}

/** Each type gets the faults that its machines can have. One that fits none goes to the first, which says why it cannot be. */
export function shareOut({ machines, config, faults }: Pick<Wishes, 'machines' | 'config' | 'faults'>): Share[] {
  const types = [...new Set([...machines.map(({ type }) => type), ...(config === null ? [] : [configuredType])])];
  const fits = (fault: string, type: string): boolean => isFor(fault, type, idsOf(type, { machines, config }));
  const homeless = faults.filter((fault) => !types.some((type) => fits(fault, type)));
  return types.map((type, i) => ({
    type,
    machines: machines.filter((request) => request.type === type),
    faults: [...faults.filter((fault) => fits(fault, type)), ...(i === 0 ? homeless : [])],
  }));
}

const configuredType = 'generic';

function idsOf(type: string, { machines, config }: Pick<Wishes, 'machines' | 'config'>): string[] {
  const count = machines.reduce((sum, request) => sum + (request.type === type ? request.count : 0), 0);
  const named = Array.from({ length: count }, (_, i) => machineCatalogue[type]!.nameMachine(i + 1));
  return type === configuredType ? [...named, ...(config?.machines ?? []).map(({ id }) => id)] : named;
}

function isFor(fault: string, type: string, ids: readonly string[]): boolean {
  const parsed = parseFault(fault);
  const entry = machineCatalogue[type];
  if (!parsed.ok || entry === undefined || !entry.faultModes.includes(parsed.value.mode)) return false;
  const { machineId } = parsed.value;
  return machineId === undefined || ids.includes(machineId);
}

function startSimulator(options: SimulatorOptions & Share): SimulatorProcess {
  const { type, speed, start, config, mode } = options;
  const more = [
    ...(type === configuredType && config !== null ? ['--config', config.path] : []),
    ...(type === ageingType && mode !== null ? ['--mode', mode] : []),
    ...options.chaos.flatMap((chaos) => ['--chaos', chaos]),
  ];
  const machines = options.machines.flatMap(({ count }) => ['--machine', `${type}:${count}`]);
  const faults = options.faults.flatMap((fault) => ['--fault', fault]);
  const outbox = join(options.outboxFolder, type);
  const args = [
    ...['--import', './local/command/end-with-parent.ts', 'simulator/main.ts', ...machines, ...faults, ...more],
    ...['--out', 'mqtt', '--credentials', options.credentialsFolder, '--outbox', outbox],
    ...['--speed', String(speed), '--json', ...(start === null ? [] : ['--start', start])],
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const logFile = join(options.logFolder, `simulator-${type}.log`);
  writeFileSync(logFile, '');
  const log = openLog(logFile, (problem) => options.tell(`simulator ${type}: its log is not whole: ${problem}`));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', log);
  const ended = new Promise<void>((done) => {
    child.on('close', (code) => {
      if (code !== 0 && !child.killed) options.tell(`simulator ${type} ended with code ${code}; see ${logFile}`);
      done();
    });
  });
  return { stop: () => stop(child, ended) };
}

/** A full disk costs lines of the log, not the run. */
function openLog(file: string, onProblem: (problem: string) => void): (chunk: Buffer) => void {
  let isTold = false;
  return (chunk) => {
    try {
      appendFileSync(file, chunk);
    } catch (error) {
      if (!isTold) onProblem((error as Error).message);
      isTold = true;
    }
  };
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGINT');
  const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(impatience);
}
