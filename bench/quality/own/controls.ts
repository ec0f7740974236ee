import { createRandom } from '../../../core/random/random.ts';
import type { Sample } from '../../../core/telemetry/sample.ts';

/** The bench's usual know-nothings as streams: each says of a sample whether it would alarm. */
export interface StreamControl {
  readonly name: string;
  alarms(sample: Sample, row: number): boolean;
  /** Continues on the same machine in another run. */
  fork(): StreamControl;
}

const farDeviations = 5;

export function createControls(unitLabel: string): StreamControl[] {
  const still = (name: string, alarms: StreamControl['alarms']): StreamControl => {
    const control: StreamControl = { name, alarms, fork: () => control };
    return control;
  };
  const random = createRandom(`control/${unitLabel}`);
  return [
    still('null', () => false),
    still('random', () => random.next() > 0.99),
    still('always-on', () => true),
    still('fixed-rows', (_, row) => row >= 570 && row <= 970),
    createDistance('last-value', true, new Moments()),
    createDistance('z-score', false, new Moments()),
  ];
}

/** Learns from the first samples of its machine, then only compares. */
const learningRows = 2000;

function createDistance(name: string, ofChanges: boolean, moments: Moments): StreamControl {
  let last: readonly number[] | null = null;
  return {
    name,
    alarms(sample) {
      const before = last;
      last = sample.values;
      if (ofChanges && before === null) return false;
      const row = ofChanges ? sample.values.map((value, i) => value - before![i]!) : sample.values;
      if (moments.count < learningRows) {
        moments.add(row);
        return false;
      }
      return row.some((value, i) => Math.abs(moments.z(i, value)) > farDeviations);
    },
    fork: () => createDistance(name, ofChanges, moments),
  };
}

/** Mean and deviation per signal (Welford 1962). */
class Moments {
  count = 0;
  private readonly mean: number[] = [];
  private readonly square: number[] = [];

  add(row: readonly number[]): void {
    this.count++;
    row.forEach((value, i) => {
      const before = value - (this.mean[i] ?? 0);
      this.mean[i] = (this.mean[i] ?? 0) + before / this.count;
      this.square[i] = (this.square[i] ?? 0) + before * (value - this.mean[i]!);
    });
  }

  z(i: number, value: number): number {
    const deviation = Math.sqrt(this.square[i]! / this.count) || 1;
    return (value - this.mean[i]!) / deviation;
  }
}
