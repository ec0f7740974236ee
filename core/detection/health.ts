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
  private readonly machine: Window;
  private readonly components: readonly { readonly name: string; readonly window: Window }[];
  private readonly perfect: Health;
  private last: Health;

  constructor(windowSamples: number, components: readonly string[], saved?: HealthState) {
    this.machine = new Window(windowSamples, saved?.machine);
    const untouched = new Array<number>(saved?.machine.length ?? 0).fill(100);
    this.components = components.map((name) => ({
      name,
      window: new Window(windowSamples, saved?.components[name] ?? untouched),
    }));
    const perfectComponents = Object.fromEntries(components.map((name) => [name, 100]));
    this.perfect = Object.freeze({ machine: 100, components: Object.freeze(perfectComponents) });
    this.last = this.compose();
  }

  get current(): Health {
    return this.last;
  }

  /** Penalties by component, in the order given at the start; null where nothing is taken off anywhere. */
  update(machinePenalty: number, penalties: readonly number[] | null): Health {
    let isMoved = this.machine.push(100 - machinePenalty);
    for (let i = 0; i < this.components.length; i++) {
      if (this.components[i]!.window.push(100 - (penalties === null ? 0 : penalties[i]!))) isMoved = true;
    }
    if (isMoved) this.last = this.compose();
    return this.last;
  }

  save(): HealthState {
    const touched = this.components.filter(({ window }) => !window.isPerfect);
    return {
      machine: this.machine.save(),
      components: Object.fromEntries(touched.map(({ name, window }) => [name, window.save()])),
    };
  }

  private compose(): Health {
    if (this.machine.isPerfect && this.components.every(({ window }) => window.isPerfect)) return this.perfect;
    const components: Record<string, number> = {};
    for (const { name, window } of this.components) components[name] = window.mean;
    return { machine: this.machine.mean, components };
  }
}

/** The last few whole numbers and their sum. */
class Window {
  private readonly values: number[];
  private readonly limit: number;
  private next = 0;
  private sum = 0;

  constructor(limit: number, saved: readonly number[] = []) {
    this.limit = limit;
    this.values = saved.slice(-limit);
    for (const value of this.values) this.sum += value;
    this.next = this.values.length % limit;
  }

  get isPerfect(): boolean {
    return this.sum === 100 * this.values.length;
  }

  get mean(): number {
    return this.values.length === 0 ? 100 : Math.round(this.sum / this.values.length);
  }

  /** Whether the mean may have moved. */
  push(value: number): boolean {
    const kept = Math.max(value, 0);
    if (this.values.length < this.limit) {
      this.values.push(kept);
      this.sum += kept;
      this.next = this.values.length % this.limit;
      return !this.isPerfect;
    }
    const old = this.values[this.next]!;
    this.values[this.next] = kept;
    this.next = this.next + 1 === this.limit ? 0 : this.next + 1;
    this.sum += kept - old;
    return kept !== old;
  }

  /** Oldest first. */
  save(): number[] {
    if (this.values.length < this.limit) return [...this.values];
    return [...this.values.slice(this.next), ...this.values.slice(0, this.next)];
  }
}
