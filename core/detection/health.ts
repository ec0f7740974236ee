import type { Observation } from './observation.ts';

/**
 * Health is the rounded mean of the last few values of 100 − penalties, of the machine and of each component:
 * smoothed, so that one reading does not turn a tile red, and exact, so that it can be checked by hand.
 */
export interface HealthState {
  readonly machine: readonly number[];
  /** Only components whose window holds anything but 100. */
  readonly components: Readonly<Record<string, readonly number[]>>;
}

type Health = Observation['health'];

export class HealthMeter {
  private readonly windowSamples: number;
  private readonly machine: number[];
  private readonly components: Map<string, number[]>;
  private readonly perfect: Health;
  private last: Health;

  constructor(windowSamples: number, components: readonly string[], saved?: HealthState) {
    this.windowSamples = windowSamples;
    this.machine = [...(saved?.machine ?? [])];
    this.components = new Map(components.map((name) => [name, [...(saved?.components[name] ?? [])]]));
    this.perfect = {
      machine: 100,
      components: Object.freeze(Object.fromEntries(components.map((name) => [name, 100]))),
    };
    this.last = this.compose();
  }

  get current(): Health {
    return this.last;
  }

  update(machinePenalty: number, penalties: ReadonlyMap<string, number> | null): Health {
    const isFine = machinePenalty === 0 && penalties === null && this.last === this.perfect;
    push(this.machine, 100 - machinePenalty, this.windowSamples);
    if (isFine) return this.last;
    for (const [name, window] of this.components) push(window, 100 - (penalties?.get(name) ?? 0), this.windowSamples);
    this.last = this.compose();
    return this.last;
  }

  save(): HealthState {
    const touched = [...this.components].filter(([, window]) => window.some((value) => value !== 100));
    return { machine: [...this.machine], components: Object.fromEntries(touched.map(([n, w]) => [n, [...w]])) };
  }

  private compose(): Health {
    const components: Record<string, number> = {};
    let allPerfect = this.machine.every((value) => value === 100);
    for (const [name, window] of this.components) {
      components[name] = meanOf(window);
      allPerfect &&= window.every((value) => value === 100);
    }
    return allPerfect ? this.perfect : { machine: meanOf(this.machine), components };
  }
}

function push(window: number[], value: number, limit: number): void {
  if (window.length < limit) window.push(Math.max(0, value));
  else {
    window.copyWithin(0, 1);
    window[limit - 1] = Math.max(0, value);
  }
}

function meanOf(window: readonly number[]): number {
  if (window.length === 0) return 100;
  let sum = 0;
  for (const value of window) sum += value;
  return Math.round(sum / window.length);
}
