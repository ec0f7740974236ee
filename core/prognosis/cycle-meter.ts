/** How many cycles an hour the machine makes, from a signal that starts again with each: the mean of the last ones. */
export interface CycleMeterState {
  readonly lastValue: number | null;
  readonly lastStartMs: number | null;
  readonly hoursPerCycle: number | null;
  /** Absent in states from before they were counted. */
  readonly count?: number;
}

const rememberedCycles = 10;
/** A fall by this share of the value is a new cycle, not noise. */
const restartShare = 0.5;

export class CycleMeter {
  private lastValue: number | null;
  private lastStartMs: number | null;
  private hoursPerCycle: number | null;
  /** Begun since this was first watched. */
  count: number;

  constructor(saved?: CycleMeterState) {
    this.lastValue = saved?.lastValue ?? null;
    this.lastStartMs = saved?.lastStartMs ?? null;
    this.hoursPerCycle = saved?.hoursPerCycle ?? null;
    this.count = saved?.count ?? 0;
  }

  /** Null until a whole cycle was seen. */
  get cyclesPerHour(): number | null {
    return this.hoursPerCycle === null ? null : 1 / this.hoursPerCycle;
  }

  update(value: number, atMs: number): void {
    if (Number.isNaN(value)) return;
    if (this.lastValue !== null && value < restartShare * this.lastValue) this.restart(atMs);
    this.lastValue = value;
  }

  save(): CycleMeterState {
    const { lastValue, lastStartMs, hoursPerCycle, count } = this;
    return { lastValue, lastStartMs, hoursPerCycle, count };
  }

  private restart(atMs: number): void {
    this.count++;
    if (this.lastStartMs !== null && atMs > this.lastStartMs) {
      const hours = (atMs - this.lastStartMs) / 3_600_000;
      const before = this.hoursPerCycle ?? hours;
      this.hoursPerCycle = before + (hours - before) / rememberedCycles;
    }
    this.lastStartMs = atMs;
  }
}
