import { createRandom, type Random } from '../../core/random/random.ts';
import { createCncMachine } from '../../simulator/cnc/machine.ts';
import { componentOf } from '../../simulator/pump/faults.ts';
import { type Lifecycle, typicalLifeS } from '../../simulator/pump/life.ts';
import { createPumpMachine, pumpFaultModes } from '../../simulator/pump/machine.ts';
import { judgingSeeds } from './judging.ts';
import type { LifePlan } from './wear-lives.ts';

/** Lives a mode. Judged are other units at a pace (how fast lives pass) that none of the taught ones had. */
const pumpLives = { taught: 40, judged: 24 } as const;
const millLives = { taught: 30, judged: 20 } as const;
export const lifeSeeds = { taught: 101, judged: judgingSeeds.lives } as const;
const startMs = Date.UTC(2026, 0, 1);
/** Samples in a typical life; a pump that failed before a tenth of it never showed a baseline and is not judged. */
const samplesPerLife = 4000;
const shortestLife = 0.1;
const momentsPerLife = 50;
/** The tool has no such life: its edge is changed when worn (see nasa-milling). */
const millModes = [
  ['spindle_bearing_wear', 'spindle_bearing'],
  ['coolant_degradation', 'coolant'],
  ['thermal_drift', 'thermal'],
  ['axis_backlash', 'axis_x'],
] as const;

/** The machine types whose wear is simulated from sound to its end. */
const plansOf: Readonly<Record<string, (use: Use) => Generator<LifePlan>>> = {
  'centrifugal-pump': pumpPlans,
  'cnc-mill': millPlans,
};

export const typesWithLives = Object.keys(plansOf);

/** Lives to teach by, or others to judge by: other units, other seeds, at another pace. */
export const planLives = (machineType: string, use: Use): LifePlan[] => [...(plansOf[machineType]?.(use) ?? [])];

export type Use = keyof typeof lifeSeeds;

function* pumpPlans(use: Use): Generator<LifePlan> {
  const paces: readonly Lifecycle[] = use === 'taught' ? ['nominal', 'stress'] : ['accelerated'];
  for (const mode of pumpFaultModes) {
    for (let i = 0; i < pumpLives[use]; i++) yield pumpPlan(use, mode, i, paces[i % paces.length]!);
  }
}

function pumpPlan(use: Use, mode: (typeof pumpFaultModes)[number], number: number, lifecycle: Lifecycle): LifePlan {
  for (let attempt = 0; ; attempt++) {
    const machine = createPumpMachine({
      machineId: `PUMP-${use}-${mode}-${number}-${attempt}`,
      seed: lifeSeeds[use],
      startMs,
      intervalMs: (typicalLifeS[lifecycle] * 1000) / samplesPerLife,
      faults: [],
      lifecycle,
      training: true,
      repairS: Number.POSITIVE_INFINITY,
      lifeEndsBy: mode,
    });
    const lifeHours = machine.next().truth.remainingLifeHours!;
    if (lifeHours * 3600 < shortestLife * typicalLifeS[lifecycle]) continue;
    const component = componentOf[mode];
    return { machine, machineType: 'centrifugal-pump', mode, component, lifeHours, startMs, moments: momentsPerLife };
  }
}

/** A mill's fault begins after a while and grows straight to its end; how fast is drawn from another law for those judged. */
function* millPlans(use: Use): Generator<LifePlan> {
  const random = createRandom(`${lifeSeeds[use]}/mill lives`);
  for (const [mode, component] of millModes) {
    for (let i = 0; i < millLives[use]; i++) {
      const onsetS = 3600 * random.uniform(1.5, 4);
      const growthS = 3600 * (use === 'taught' ? drawLog(random, 1, 10) : drawLog(random, 1.5, 15));
      const machine = createCncMachine({
        machineId: `CNC-${use}-${mode}-${i}`,
        seed: lifeSeeds[use],
        startMs,
        intervalMs: 5000,
        faults: [{ mode, component, onsetS, growthS, severity: 1 }],
      });
      const lifeHours = (onsetS + growthS) / 3600;
      yield { machine, machineType: 'cnc-mill', mode, component, lifeHours, startMs, moments: momentsPerLife };
    }
  }
}

const drawLog = (random: Random, low: number, high: number): number =>
  Math.exp(random.uniform(Math.log(low), Math.log(high)));
