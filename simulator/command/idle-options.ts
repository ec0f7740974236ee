/** Options that are understood but would do nothing in this run: a wish that is passed over in silence is a trap. */
import type { MachineRequest } from '../run.ts';

/** What was given, by the option's name. */
export type Given = Readonly<Record<string, unknown>>;

/** An option on the left needs one of the outputs on the right. */
const outputsOf: Readonly<Record<string, readonly string[]>> = {
  file: ['file', 'csv'],
  batch: ['stdout', 'file', 'mqtt'],
  'lifecycle-events': ['stdout', 'file', 'mqtt'],
  endpoint: ['mqtt'],
  ca: ['mqtt'],
  cert: ['mqtt'],
  key: ['mqtt'],
  credentials: ['mqtt'],
  'basic-ingest': ['mqtt'],
  client: ['mqtt'],
  outbox: ['mqtt'],
  'outbox-mb': ['mqtt'],
};

const machineTypesOf: Readonly<Record<string, readonly string[]>> = {
  program: ['cnc-mill'],
  material: ['cnc-mill'],
  mode: ['centrifugal-pump'],
  training: ['centrifugal-pump'],
  'lifecycle-events': ['centrifugal-pump', 'cnc-mill'],
};

/** One sentence on the first such option. Without machines on the command line a folder names them, and nothing is known yet. */
export function findIdleOption(given: Given, output: string, machines: readonly MachineRequest[]): string | undefined {
  return findWithoutOutput(given, output) ?? findWithoutMachine(given, machines) ?? findSharedPath(given);
}

function findWithoutOutput(given: Given, output: string): string | undefined {
  const option = Object.keys(outputsOf).find((name) => given[name] !== undefined && !outputsOf[name]!.includes(output));
  return option && `--${option} goes with --out ${outputsOf[option]!.join(' or ')}: got --out ${output}`;
}

function findWithoutMachine(given: Given, machines: readonly MachineRequest[]): string | undefined {
  if (machines.length === 0 && given.config === undefined) return undefined;
  const types = machines.map(({ type }) => type);
  const option = Object.keys(machineTypesOf).find(
    (name) => given[name] !== undefined && !types.some((type) => machineTypesOf[name]!.includes(type)),
  );
  return (
    option &&
    `--${option} goes with --machine ${machineTypesOf[option]!.join(' or ')}: got ${types.join(', ') || '--config'}`
  );
}

function findSharedPath({ file, labels, record }: Given): string | undefined {
  const paths = [file, labels, record].filter((path) => path !== undefined);
  const shared = paths.find((path, i) => paths.indexOf(path) !== i);
  return shared === undefined ? undefined : `--file, --labels and --record need a path each: got "${shared}" twice`;
}
