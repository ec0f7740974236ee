import { parseArgs } from 'node:util';
import { failure, type Result, success } from '../../core/result.ts';
import { parseTimestamp } from '../../core/telemetry/timestamp.ts';
import { machineCatalogue } from '../catalogue.ts';
import { parseChaos } from '../chaos/parse.ts';
import type { FaultRequest, MachineRequest, SimulationOptions } from '../run.ts';
import { checkEndpoint } from '../sinks/mqtt/credentials.ts';
import { parseDuration } from './duration.ts';
import { parseFault } from './fault-request.ts';
import { findIdleOption } from './idle-options.ts';
import { describeWrongWords } from './wrong-words.ts';

export const outputs = ['stdout', 'file', 'csv', 'mqtt'] as const;
export type Output = (typeof outputs)[number];

const modes = ['none', 'nominal', 'accelerated', 'stress'] as const;
const clientKinds = ['per-machine', 'shared'] as const;

export interface MqttArguments {
  readonly endpoint?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly credentials?: string;
  readonly basicIngestRule?: string;
  readonly client: (typeof clientKinds)[number];
  readonly outboxFolder?: string;
  readonly outboxLimitMb: number;
}

/** A command line understood; paths are not opened yet. */
export interface Arguments {
  readonly simulation: Omit<SimulationOptions, 'genericMachines' | 'programText'>;
  readonly configPath?: string;
  readonly programPath?: string;
  readonly output: Output;
  readonly filePath?: string;
  readonly labelsPath?: string;
  readonly recordPath?: string;
  readonly batchSize: number;
  /** Infinity is `max`. */
  readonly speed: number;
  readonly json: boolean;
  readonly mqtt: MqttArguments;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const list = { type: 'string', multiple: true } as const;

const options = {
  machine: list,
  config: text,
  program: text,
  material: text,
  mode: text,
  training: flag,
  'lifecycle-events': flag,
  fault: list,
  chaos: list,
  seed: text,
  rate: text,
  batch: text,
  duration: text,
  speed: text,
  start: text,
  out: text,
  file: text,
  labels: text,
  record: text,
  stage: text,
  endpoint: text,
  ca: text,
  cert: text,
  key: text,
  credentials: text,
  'basic-ingest': text,
  client: text,
  outbox: text,
  'outbox-mb': text,
  json: flag,
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options; strict: true }>>['values'];

/** Carries a sentence for the user out of the reading below. */
class Refusal extends Error {}

export function parseArguments(argv: readonly string[]): Result<Arguments | 'help', string> {
  let values: Values;
  try {
    values = parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    return failure(`${describeWrongWords(error as Error)}; see --help`);
  }
  if (values.help === true) return success('help');
  try {
    return success(readValues(values));
  } catch (error) {
    if (error instanceof Refusal) return failure(error.message);
    throw error;
  }
}

function readValues(given: Values): Arguments {
  const values = given.stage === undefined ? given : applyStage(given, given.stage);
  const output = choose('--out', values.out ?? 'stdout', outputs);
  const durationS = optional(values.duration, (v) => unwrap(parseDuration('--duration', v)));
  const speed = readSpeed(values.speed, output, durationS);
  const args: Arguments = {
    simulation: readSimulation(values, durationS, output === 'mqtt' && Number.isFinite(speed)),
    output,
    speed,
    batchSize: optional(values.batch, (v) => readNumber('--batch', v, { min: 1, whole: true })) ?? 1,
    json: values.json ?? false,
    mqtt: readMqtt(values, output),
    ...defined({
      configPath: values.config,
      programPath: values.program,
      filePath: values.file,
      labelsPath: values.labels,
      recordPath: values.record,
    }),
  };
  const idle = findIdleOption(values, output, args.simulation.machines ?? []);
  if (idle !== undefined) throw new Refusal(idle);
  return args;
}

/** A stage is the broker and the credentials that enrolling its machines left. */
function applyStage(values: Values, stage: string): Values {
  if (!/^[A-Za-z0-9-]+$/.test(stage)) {
    throw new Refusal(`--stage: got "${stage}", allowed is a stage name of letters, digits and "-"`);
  }
  if (values.out !== undefined && values.out !== 'mqtt') {
    throw new Refusal(`--stage sends over mqtt: got --out ${values.out} beside it`);
  }
  return { ...values, out: 'mqtt', credentials: values.credentials ?? credentialsFolderOf(stage) };
}

/** The laptop's own stage keeps its credentials with its data. */
const credentialsFolderOf = (stage: string): string =>
  stage === 'local' ? '.local/credentials' : `.credentials/${stage}`;

/** One sample in twelve days, and one a millisecond, which is as fine as a timestamp is. */
const [slowestHz, fastestHz] = [1e-6, 1000];

function readSimulation(values: Values, durationS: number | undefined, startsNow: boolean): Arguments['simulation'] {
  return {
    machines: (values.machine ?? []).map(readMachine),
    faults: (values.fault ?? []).map((v): FaultRequest => unwrap(parseFault(v))),
    training: values.training ?? false,
    lifecycleEvents: values['lifecycle-events'] ?? false,
    lifecycle: choose('--mode', values.mode ?? 'none', modes),
    ...defined({
      materialName: values.material,
      seed: optional(values.seed, (v) => readNumber('--seed', v, { min: 0, whole: true })),
      rateHz: optional(values.rate, (v) => readNumber('--rate', v, { min: slowestHz, max: fastestHz })),
      startMs: optional(values.start, readStart) ?? (startsNow ? Date.now() : undefined),
      durationS,
      chaos: optional(values.chaos?.join(';'), (v) => unwrap(parseChaos(v))),
    }),
  };
}

function readMqtt(values: Values, output: Output): MqttArguments {
  const rule = values['basic-ingest'];
  if (rule !== undefined && !/^[A-Za-z0-9_]+$/.test(rule)) {
    throw new Refusal(`--basic-ingest: got "${rule}", allowed is a rule name of letters, digits and "_"`);
  }
  if (output === 'mqtt' && values.endpoint === undefined && values.credentials === undefined) {
    throw new Refusal(
      '--out mqtt needs --endpoint mqtts://host:port, or --credentials with a folder that holds endpoint.json',
    );
  }
  if ((values.cert === undefined) !== (values.key === undefined)) {
    throw new Refusal('--cert and --key go together: got only one of them');
  }
  return {
    client: choose('--client', values.client ?? 'per-machine', clientKinds),
    outboxLimitMb: optional(values['outbox-mb'], (v) => readNumber('--outbox-mb', v, { above: 0 })) ?? 256,
    ...defined({
      endpoint: optional(values.endpoint, (v) => unwrap(checkEndpoint(v))),
      ca: values.ca,
      cert: values.cert,
      key: values.key,
      credentials: values.credentials,
      basicIngestRule: rule,
      outboxFolder: values.outbox,
    }),
  };
}

function readMachine(request: string): MachineRequest {
  const [, type = '', count] = /^([^:]+)(?::(.*))?$/.exec(request) ?? [];
  if (machineCatalogue[type] === undefined) {
    throw new Refusal(
      `--machine: got "${request}", allowed are ${Object.keys(machineCatalogue).join(', ')}, each with :count`,
    );
  }
  return {
    type,
    count: optional(count, (v) => readNumber(`--machine ${type} count`, v, { min: 1, whole: true })) ?? 1,
  };
}

/** As fast as it goes for a run that ends and is written away; in real time for what is watched or sent. */
function readSpeed(value: string | undefined, output: Output, durationS: number | undefined): number {
  if (value === 'max') return Number.POSITIVE_INFINITY;
  if (value !== undefined) return readNumber('--speed', value, { above: 0, or: 'max' });
  return output === 'mqtt' || durationS === undefined ? 1 : Number.POSITIVE_INFINITY;
}

function readStart(value: string): number {
  const startMs = parseTimestamp(value);
  if (Number.isNaN(startMs))
    throw new Refusal(`--start: got "${value}", allowed is a time like 2026-01-31T08:00:00.000Z`);
  return startMs;
}

interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly whole?: boolean;
  readonly or?: string;
}

function readNumber(name: string, value: string, rule: NumberRule): number {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  const {
    min = Number.NEGATIVE_INFINITY,
    max = Number.MAX_VALUE,
    above = Number.NEGATIVE_INFINITY,
    whole = false,
  } = rule;
  const fits = number >= min && number <= max && number > above && (!whole || Number.isSafeInteger(number));
  if (fits) return number;
  const from = rule.min === undefined ? `above ${rule.above}` : `from ${rule.min}`;
  const bound = rule.max === undefined ? from : `${from} to ${rule.max}`;
  const also = rule.or === undefined ? '' : ` or ${rule.or}`;
  throw new Refusal(`${name}: got "${value}", allowed is a ${whole ? 'whole ' : ''}number ${bound}${also}`);
}

function choose<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const chosen = allowed.find((candidate) => candidate === value);
  if (chosen === undefined) throw new Refusal(`${name}: got "${value}", allowed are ${allowed.join(', ')}`);
  return chosen;
}

function unwrap<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Refusal(result.error);
  return result.value;
}

const optional = <T>(value: string | undefined, read: (value: string) => T): T | undefined =>
  value === undefined ? undefined : read(value);

type Defined<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Without the fields that are undefined, as exact optional properties want it. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
