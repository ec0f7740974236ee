import type { Observation } from '../../../core/detection/observation.ts';
import type { Twin } from '../../../core/detection/twin.ts';
import { createRandom } from '../../../core/random/random.ts';
import type { Sample } from '../../../core/telemetry/sample.ts';
import { pressSample } from './plant-type.ts';

/** What ails the press at sample i: added to current (A) and warmth (°C). */
export type Ailment = (i: number) => { readonly current?: number; readonly warmth?: number; readonly noise?: number };

const healthy: Ailment = () => ({});

/** Samples of a press whose current follows its force at once and whose warmth follows slowly. */
export function pressLife(count: number, ailment: Ailment = healthy, seed = 1): Sample[] {
  const random = createRandom(`press/${seed}`);
  let force = 150;
  let slow = 150;
  return Array.from({ length: count }, (_, i) => {
    force += 0.05 * (150 - force) + random.normal(0, 8);
    force = Math.min(280, Math.max(70, force));
    if (i > 0) slow += (force - slow) * (1 - Math.exp(-1 / 60));
    else slow = force;
    const { current = 0, warmth = 0, noise = 1 } = ailment(i);
    const amps = 5 + 0.1 * force + current + random.normal(0, 0.3 * noise);
    const celsius = 20 + 0.2 * slow + warmth + random.normal(0, 0.2);
    return pressSample(i, [force, amps, celsius, random.normal(0, 0.1)]);
  });
}

export const observeAll = (twin: Twin, samples: readonly Sample[]): Observation[] =>
  samples.map((sample) => twin.observe(sample));

export const openedCodes = (seen: readonly Observation[]): string[] =>
  seen.flatMap((o) => o.transitions.filter((t) => t.kind === 'opened').map((t) => t.code));
