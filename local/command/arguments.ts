import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { failure, type Result, success } from '../../core/result.ts';
import { machineCatalogue } from '../../simulator/catalogue.ts';
import { parseChaos } from '../../simulator/chaos/parse.ts';
import { parseFault } from '../../simulator/command/fault-request.ts';
import { describeWrongWords } from '../../simulator/command/wrong-words.ts';
import { type GenericMachineConfig, parseGenericConfig } from '../../simulator/generic/config.ts';
import { findFleetProblem, type SimulationOptions } from '../../simulator/run.ts';
import type { SmtpRelay } from '../mailbox/smtp.ts';

export interface MachineRequest {
  readonly type: string;
  readonly count: number;
}

/** A plant's own list of generic machines. */
export interface FleetConfig {
  readonly path: string;
  readonly machines: readonly GenericMachineConfig[];
}

type LifeMode = NonNullable<SimulationOptions['lifecycle']>;

export interface StartArguments {
  readonly stage: string;
  readonly machines: readonly MachineRequest[];
  readonly config: FleetConfig | null;
  /** How pumps age; null: as the simulator has it, not at all. */
  readonly mode: LifeMode | null;
  /** Passed on to the simulator: `duplicate:p=0.1`. */
  readonly chaos: readonly string[];
  readonly port: number;
  readonly mqttPort: number;
  readonly dataFolder: string;
  readonly assemblyFolder: string;
  readonly fresh: boolean;
  readonly runSimulator: boolean;
  readonly speed: number;
  readonly throttle: boolean;
  /** Null leaves mails in the mailbox. */
  readonly smtp: SmtpRelay | null;
  readonly json: boolean;
  /** Null runs until it is stopped. */
  readonly forMs: number | null;
  /** Passed on to the simulator: `tool_wear@60s`. */
  readonly faults: readonly string[];
}

/** The laptop's; others run here too. */
export const ownStage = 'local';

export const startHelp = `Runs the whole system on this machine: what CDK synthesised, with a simulated factory.

  npm start                      until Ctrl-C
  npm start -- --for 30s --json  one JSON object a second, the last with "final": true

  --machines spec     how many of each type, or how many in all (default cnc-mill:3,centrifugal-pump:3,cnc-process:1)
  --config file       generic machines of your own, alone or beside --machines (form: npm run simulate -- --help)
  --fault spec        repeatable, given to the simulator: tool_wear@60s%CNC-001 (see npm run simulate -- --help)
  --chaos spec        repeatable, given to the simulator: duplicate:p=0.1
  --mode life         how pumps age: nominal (about 27 h), accelerated (20 min), stress (2.5 min)
  --speed n           simulated seconds a second (default 1)
  --no-simulator      only the cloud; connect machines of your own
  --stage name        the stage to synthesise and run (default ${ownStage}; dev and prod run as deployed)
  --assembly folder   where its synthesis lies (default cdk.out); made anew when a source is newer
  --data folder       where data are kept (default .local)
  --fresh             forget what earlier runs left there
  --port n            of the AWS endpoint (default 4566; 0 takes a free one)
  --mqtt-port n       of the broker (default 8883; 0 takes a free one)
  --smtp host:port    give mails to a relay too, a catcher like Mailpit (they are always at /mailbox)
  --throttle          refuse what the stream's shards would refuse on AWS
  --for time          end by itself: 30s, 5m
  --json              status as JSON lines on stdout

In another terminal: npm run status, npm run logs -- detection --follow.
Exit code: 0 when every sample is accounted for, 1 when not or when the start failed, 2 when the command line is wrong.`;

const defaultMachines = 'cnc-mill:3,centrifugal-pump:3,cnc-process:1';
const maxMachines = 10_000;
export const ageingType = 'centrifugal-pump';
const typesOfFleet = ['cnc-mill', 'centrifugal-pump'];
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const modes: readonly LifeMode[] = ['nominal', 'accelerated', 'stress'];

const options = {
  machines: { type: 'string' },
  config: { type: 'string' },
  mode: { type: 'string' },
  chaos: { type: 'string', multiple: true, default: [] as string[] },
  fault: { type: 'string', multiple: true, default: [] as string[] },
  speed: { type: 'string', default: '1' },
  'no-simulator': { type: 'boolean', default: false },
  stage: { type: 'string', default: ownStage },
  assembly: { type: 'string', default: 'cdk.out' },
  data: { type: 'string', default: '.local' },
  fresh: { type: 'boolean', default: false },
  port: { type: 'string', default: '4566' },
  'mqtt-port': { type: 'string', default: '8883' },
  throttle: { type: 'boolean', default: false },
  smtp: { type: 'string' },
  for: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** npm's own, which a person may have set for npm itself. */
const knownToNpm = new Set(['json', 'help']);

/** What stands before `--` npm takes for its own, and the run would be another than was asked for. */
export function findSwallowed(environment: NodeJS.ProcessEnv): string | undefined {
  const isSwallowed = (name: string): boolean =>
    !knownToNpm.has(name) && environment[`npm_config_${name.replace(/^no-/, '').replaceAll('-', '_')}`] !== undefined;
  const names = Object.keys(options).filter(isSwallowed);
  if (names.length === 0) return undefined;
  const said = names.map((name) => `--${name}`).join(', ');
  return `npm took ${said} for its own: options come after a "--", like npm start -- --for 30s`;
}

export function parseStart(args: readonly string[]): Result<StartArguments | 'help', string> {
  try {
    const { values } = readWords(args);
    if (values.help) return success('help');
    const isSimulated = !values['no-simulator'];
    const config = values.config === undefined || !isSimulated ? null : readConfig(values.config);
    const machines = readMachines(values.machines ?? (config === null ? defaultMachines : null));
    return success({
      stage: readStage(values.stage),
      machines,
      config,
      mode: values.mode === undefined ? null : readMode(values.mode, machines),
      chaos: isSimulated ? checkChaos(values.chaos) : [],
      port: readWhole('--port', values.port, 0, 65_535),
      mqttPort: readWhole('--mqtt-port', values['mqtt-port'], 0, 65_535),
      dataFolder: values.data,
      assemblyFolder: values.assembly,
      fresh: values.fresh,
      runSimulator: isSimulated,
      speed: readNumber('--speed', values.speed, 0.01, 1000),
      throttle: values.throttle,
      smtp: values.smtp === undefined ? null : readRelay(values.smtp),
      json: values.json,
      forMs: values.for === undefined ? null : readDuration('--for', values.for),
      faults: isSimulated ? checkFaults(values.fault, { machines, genericMachines: config?.machines ?? [] }) : [],
    });
  } catch (error) {
    return failure((error as Error).message);
  }
}

/** Node's own sentences, each on one line. */
function readWords(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true });
  } catch (error) {
    throw new Error(describeWrongWords(error as Error));
  }
}

/** `20`, shared among mills and pumps, or `cnc-mill:3,centrifugal-pump`. */
function readMachines(text: string | null): MachineRequest[] {
  if (text === null) return [];
  if (/^\d+$/.test(text)) {
    const count = readWhole('--machines', text, 1, maxMachines);
    return typesOfFleet
      .map((type, i) => ({ type, count: Math.floor((count + i) / typesOfFleet.length) }))
      .filter((request) => request.count > 0);
  }
  const counts = new Map<string, number>();
  for (const part of text.split(',')) {
    const [type = '', count = '1', ...more] = part.split(':');
    if (machineCatalogue[type] === undefined || more.length > 0) {
      const allowed = Object.keys(machineCatalogue).join(', ');
      throw new Error(`--machines: got "${part}", allowed are a number or type:count of ${allowed}`);
    }
    counts.set(type, (counts.get(type) ?? 0) + readWhole('--machines', count, 1, maxMachines));
  }
  return [...counts].map(([type, count]) => ({ type, count }));
}

/** A fault that the simulator would refuse is refused before the cloud starts. */
function checkFaults(texts: readonly string[], fleet: SimulationOptions): readonly string[] {
  const faults = texts.map((text) => {
    const parsed = parseFault(text);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value;
  });
  const problem = findFleetProblem({ ...fleet, faults });
  if (problem !== undefined) throw new Error(`--${problem}`);
  return texts;
}

function readConfig(path: string): FleetConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`--config ${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const parsed = parseGenericConfig(text);
  if (!parsed.ok) throw new Error(parsed.error.map((problem) => `--config ${path}: ${problem}`).join('\n'));
  return { path: resolve(path), machines: parsed.value };
}

function readMode(text: string, machines: readonly MachineRequest[]): LifeMode {
  const mode = modes.find((one) => one === text);
  if (mode === undefined) throw new Error(`--mode: got "${text}", allowed are ${modes.join(', ')}`);
  if (machines.some(({ type }) => type === ageingType)) return mode;
  throw new Error(`--mode: got "${text}" in a run without ${ageingType}, which alone ages`);
}

function checkChaos(texts: readonly string[]): readonly string[] {
  for (const text of texts) {
    const parsed = parseChaos(text);
    if (!parsed.ok) throw new Error(parsed.error);
  }
  return texts;
}

function readNumber(flag: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= low && value <= high)) {
    throw new Error(`${flag}: got "${text}", allowed is a number from ${low} to ${high}`);
  }
  return value;
}

function readWhole(flag: string, text: string, low: number, high: number): number {
  const value = readNumber(flag, text, low, high);
  if (!Number.isInteger(value)) {
    throw new Error(`${flag}: got "${text}", allowed is a whole number from ${low} to ${high}`);
  }
  return value;
}

/** Which stages there are, its synthesis knows. */
function readStage(name: string): string {
  if (name === '') throw new Error('--stage: got "", a name is needed, like local');
  return name;
}

/** `localhost:1025` */
function readRelay(text: string): SmtpRelay {
  const [, host = '', port = ''] = /^\[?([^[\]]+)\]?:(\d+)$/.exec(text) ?? [];
  if (host === '') throw new Error(`--smtp: got "${text}", allowed is host:port, like localhost:1025`);
  return { host, port: readWhole('--smtp', port, 1, 65_535) };
}

function readDuration(flag: string, text: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(amount) * (unitsMs[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new Error(`${flag}: got "${text}", allowed is a time like 30s, 5m or 1h`);
  return ms;
}
