import { describe, expect, it } from 'vitest';
import { noCounts } from '../../../core/api/ledger.ts';
import type { Told } from '../../../lambdas/detection/machine-twins.ts';
import { tell } from '../../../lambdas/detection/tell.ts';
import { createRows } from '../adapters/rows.ts';

const [row] = createRows(1);
const startMs = row!.observation.sampledAtMs;

/** The seconds at which a present state is told, of samples that say the same. */
function listTold(sampledAtS: readonly number[], twinEveryS: number): number[] {
  const told: Told = { presentAtMs: 0, severity: null, health: null, life: '' };
  return sampledAtS.filter((second) => {
    const sampledAtMs = startMs + second * 1000;
    const observed = {
      ...{ ...row!, observation: { ...row!.observation, sampledAtMs, transitions: [] }, isForecastNew: false },
      ...{
        context: {},
        receivedAtMs: sampledAtMs,
        counts: noCounts,
        condition: null,
        isStateNew: false,
        modelChange: null,
      },
    };
    return tell(observed, told, { twinEveryMs: twinEveryS * 1000 }).present;
  });
}

describe('the present state', () => {
  it.each([
    ['every third of one a second', [0, 1, 2, 3, 4, 5, 6, 7], 3, [0, 3, 6]],
    ['each of one in two seconds, which is nearer than each other one', [0, 2, 4, 6], 3, [0, 2, 4, 6]],
    ['each of one in ten seconds', [0, 10, 20], 3, [0, 10, 20]],
    ['at once when the clock was set back', [0, 1, -5, -4, -2], 3, [0, -5, -2]],
  ])('is told with %s', (_, samples, everyS, told) => {
    expect(listTold(samples, everyS)).toEqual(told);
  });
});
