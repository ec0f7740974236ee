import type { MachineType, SignalDefinition } from '../../core/machine-types/definition.ts';

type Json = Readonly<Record<string, unknown>>;

/** A signal of the type with its path taken apart. */
export interface Field {
  readonly name: string;
  readonly path: readonly string[];
  readonly lowest: number;
  readonly highest: number;
}

const toField = ({ name, path, physicalRange }: SignalDefinition): Field => ({
  name,
  path: path.split('.'),
  lowest: physicalRange.min,
  highest: physicalRange.max,
});

/** What the machine expects of itself is no sensor. */
const isMeasured = ({ name }: SignalDefinition): boolean => !name.startsWith('expected_');

const measuredSignals = (type: MachineType): SignalDefinition[] => type.signals.filter(isMeasured);

export const allFields = (type: MachineType): Field[] => measuredSignals(type).map(toField);

export const temperatureFields = (type: MachineType): Field[] =>
  measuredSignals(type)
    .filter(({ unit }) => unit === '°C')
    .map(toField);

/** The first signal measured in mm/s, `vibration_x` of a pump; the first signal of a machine that has none. */
export function vibrationField(type: MachineType): Field {
  const signals = measuredSignals(type);
  return toField(signals.find(({ unit }) => unit === 'mm/s') ?? signals[0] ?? type.signals[0]!);
}

export function namedField(type: MachineType, name: string): Field {
  const signal = type.signals.find((candidate) => candidate.name === name);
  if (signal === undefined) {
    const allowed = type.signals.map((candidate) => candidate.name).join(', ');
    throw new RangeError(`chaos: ${type.name} has no signal "${name}"; allowed are ${allowed}`);
  }
  return toField(signal);
}

export function readField(payload: Json, { path }: Field): unknown {
  let value: unknown = payload;
  for (const part of path) value = (value as Json | null | undefined)?.[part];
  return value;
}

/** A payload with one value changed; what it shares with the original is never written to. */
export function withField(payload: Json, { path }: Field, value: unknown): Json {
  return replace(payload, path, 0, value);
}

function replace(node: Json, path: readonly string[], depth: number, value: unknown): Json {
  const part = path[depth]!;
  const isLast = depth === path.length - 1;
  return { ...node, [part]: isLast ? value : replace(node[part] as Json, path, depth + 1, value) };
}
