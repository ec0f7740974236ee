/**
 * How many cycles an hour the machine makes, from a signal that starts again with each: the mean of the last ones. Beside it
 * how long a cycle takes without the pauses: one that is more than twice as long as those before holds a pause.
 */
export interface CycleMeterState {
  readonly lastValue: number | null;
  readonly lastStartMs: number | null;
  readonly hoursPerCycle: number | null;
  /** Both absent in states from before they were kept. */
  readonly count?: number;
  readonly busyHoursPerCycle?: number | null;
}

const rememberedCycles = 10;
/** A fall by this share of the value is a new cycle, not noise. */
const restartShare = 0.5;
const pauseFactor = 2;

export class CycleMeter {
  private lastValue: number | null;
  private lastStartMs: number | null;
  private hoursPerCycle: number | null;
  /** While the machine goes from one cycle to the next; null until a whole one was seen. */
  busyHoursPerCycle: number | null;
  /** Begun since this was first watched. */
  count: number;

  constructor(saved?: CycleMeterState) {
    this.lastValue = saved?.lastValue ?? null;
    this.lastStartMs = saved?.lastStartMs ?? null;
    this.hoursPerCycle = saved?.hoursPerCycle ?? null;
    this.busyHoursPerCycle = saved?.busyHoursPerCycle ?? null;
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
    const { lastValue, lastStartMs, hoursPerCycle, count, busyHoursPerCycle } = this;
    return { lastValue, lastStartMs, hoursPerCycle, count, busyHoursPerCycle };
  }

  private restart(atMs: number): void {
    this.count++;
    if (this.lastStartMs !== null && atMs > this.lastStartMs) {
      const hours = (atMs - this.lastStartMs) / 3_600_000;
      const before = this.hoursPerCycle ?? hours;
      this.hoursPerCycle = before + (hours - before) / rememberedCycles;
      this.busyHoursPerCycle = leaveOutPause(hours, this.busyHoursPerCycle);
    }
    this.lastStartMs = atMs;
  }
}

/** A longer program is learned within a dozen cycles; a shorter one at once, for the cycle before it may have held the pause. */
function leaveOutPause(hours: number, before: number | null): number {
  if (before === null || hours * pauseFactor < before) return hours;
  return before + (Math.min(hours, before * pauseFactor) - before) / rememberedCycles;
}
