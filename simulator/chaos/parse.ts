import { failure, type Result, success } from '../../core/result.ts';
import {
  type ChaosKind,
  type ChaosPlan,
  type ChaosSpec,
  chaosKinds,
  chaosRules,
  defaultAmounts,
  type ParameterName,
} from './plan.ts';

/**
 * Reads `kind[@onset[+duration]][:key=value,…]`, several joined by `;` or `,`: `vibration-glitch:p=0.01`, `heatwave@600s+1800s`,
 * `late:p=0.02,delay=45s;disconnect@5m+30s`.
 */
export function parseChaos(text: string): Result<ChaosPlan, string> {
  const items = splitItems(text);
  if (items.length === 0) return failure(`chaos: got nothing, allowed are ${chaosKinds.join(', ')}`);
  const specs: ChaosSpec[] = [];
  for (const item of items) {
    const spec = parseItem(item);
    if (!spec.ok) return spec;
    specs.push(spec.value);
  }
  return success({ specs });
}

/** One line a kind, for `--help`. */
export function describeChaos(): string {
  return chaosKinds
    .map((kind) => {
      const { about, parameters, needsWindow } = chaosRules[kind];
      const window = needsWindow ? '@onset+duration' : '[@onset[+duration]]';
      const keys = parameters.length === 0 ? '' : `[:${parameters.map((name) => `${name}=…`).join(',')}]`;
      return `  ${kind}${window}${keys}\n      ${about}`;
    })
    .join('\n');
}

const parameterPattern = /^[a-z]+=/;

/** A comma may part items or an item's parameters: only a parameter reads `key=` before anything else. */
function splitItems(text: string): string[] {
  const items: string[] = [];
  for (const piece of text.split(/[;,]/).map((part) => part.trim())) {
    if (parameterPattern.test(piece) && items.length > 0) items.push(`${items.pop()},${piece}`);
    else if (piece !== '') items.push(piece);
  }
  return items;
}

const itemPattern = /^([^@:]*)(?:@([^:]*))?(?::(.*))?$/;

function parseItem(item: string): Result<ChaosSpec, string> {
  const [, name = '', windowText, parameterText] = itemPattern.exec(item) ?? [];
  if (!isKind(name)) return failure(`chaos "${item}": got kind "${name}", allowed are ${chaosKinds.join(', ')}`);
  const window = parseWindow(name, windowText);
  if (!window.ok) return failure(`chaos "${item}": ${window.error}`);
  const parameters = parseParameters(name, parameterText);
  if (!parameters.ok) return failure(`chaos "${item}": ${parameters.error}`);
  return success(buildSpec(name, window.value, parameters.value));
}

const isKind = (name: string): name is ChaosKind => (chaosKinds as readonly string[]).includes(name);

function parseWindow(kind: ChaosKind, text: string | undefined): Result<ChaosSpec['window'], string> {
  const needsEnd = chaosRules[kind].needsWindow || (kind === 'disconnect' && text !== undefined);
  if (text === undefined) {
    return needsEnd ? failure(`${kind} needs a window, like ${kind}@600s+60s`) : success(null);
  }
  const [onsetText = '', durationText, ...rest] = text.split('+');
  const onsetS = parseDurationS(onsetText);
  const durationS =
    durationText === undefined && !needsEnd ? Number.POSITIVE_INFINITY : parseDurationS(durationText ?? '');
  if (!(onsetS >= 0) || !(durationS > 0) || rest.length > 0) {
    return failure(
      `window: got "${text}", allowed is onset+duration, like 600s+30m${needsEnd ? '' : ', or the onset alone'}`,
    );
  }
  return success({ onsetS, durationS });
}

type Parameters = Partial<Record<ParameterName, number | string>>;

function parseParameters(kind: ChaosKind, text: string | undefined): Result<Parameters, string> {
  const parameters: Parameters = {};
  for (const part of (text ?? '').split(',').filter((piece) => piece !== '')) {
    const [key = '', value = ''] = part.split('=', 2).map((side) => side.trim());
    const allowed = chaosRules[kind].parameters;
    if (!isParameterOf(kind, key)) {
      return failure(`got parameter "${key}", ${kind} takes ${allowed.length > 0 ? allowed.join(', ') : 'none'}`);
    }
    const rule = parameterRules[key];
    const parsed = rule.read(value);
    if (parsed === undefined) return failure(`${key}: got "${value}", allowed is ${rule.allowed}`);
    parameters[key] = parsed;
  }
  return success(parameters);
}

const isParameterOf = (kind: ChaosKind, key: string): key is ParameterName =>
  (chaosRules[kind].parameters as readonly string[]).includes(key);

interface ParameterRule {
  readonly allowed: string;
  readonly read: (text: string) => number | string | undefined;
}

const aDuration = 'a duration above 0, like 500ms, 30s, 5m or 1h';
const positiveDuration: ParameterRule = {
  allowed: aDuration,
  read: (text) => keepIf(parseDurationS(text), (s) => s > 0),
};

const parameterRules: Readonly<Record<ParameterName, ParameterRule>> = {
  p: { allowed: 'a chance from 0 to 1', read: (text) => keepIf(parseNumber(text), (p) => p >= 0 && p <= 1) },
  factor: { allowed: 'a number above 1', read: (text) => keepIf(parseNumber(text), (factor) => factor > 1) },
  rise: {
    allowed: 'degrees Celsius, -100 to 100',
    read: (text) => keepIf(parseNumber(text), (c) => Math.abs(c) <= 100),
  },
  signal: { allowed: 'a signal name', read: (text) => (text === '' ? undefined : text) },
  offset: {
    allowed: 'a duration, behind with a minus, like 90s or -5m',
    read: (text) => keepIf(parseDurationS(text), Number.isFinite),
  },
  ramp: positiveDuration,
  delay: positiveDuration,
  duration: positiveDuration,
};

const keepIf = (value: number, isAllowed: (value: number) => boolean): number | undefined =>
  isAllowed(value) ? value : undefined;

const parseNumber = (text: string): number => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN);

const secondsPer: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** Seconds, or NaN: a bare number could mean anything. */
function parseDurationS(text: string): number {
  const [, amount, unit] = /^(-?\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  return amount === undefined ? Number.NaN : Number(amount) * secondsPer[unit!]!;
}

/** Inside a window every sample is meant unless a chance is given. */
function buildSpec(kind: ChaosKind, window: ChaosSpec['window'], parameters: Parameters): ChaosSpec {
  const take = <T>(name: ParameterName, fallback: T): T => (parameters[name] as T | undefined) ?? fallback;
  return {
    kind,
    window,
    probability: take('p', window === null ? chaosRules[kind].defaultProbability : 1),
    signal: take<string | null>('signal', null),
    factor: take('factor', defaultAmounts.factor),
    riseC: take('rise', defaultAmounts.riseC),
    rampS: take<number | null>('ramp', null),
    offsetS: take('offset', defaultAmounts.offsetS),
    delayS: take('delay', defaultAmounts.delayS),
    durationS: take('duration', defaultAmounts.durationS),
  };
}
