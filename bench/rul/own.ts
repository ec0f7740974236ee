import { type Experience, noExperience } from '../../core/prognosis/choose.ts';
import { foreseeLife, type LifeEnsemble, type TaughtMoment, teachLives } from '../../core/prognosis/life-ensemble.ts';
import { createRandom, type Random } from '../../core/random/random.ts';
import { createCncMachine } from '../../simulator/cnc/machine.ts';
import { componentOf } from '../../simulator/pump/faults.ts';
import { type Lifecycle, typicalLifeS } from '../../simulator/pump/life.ts';
import { createPumpMachine, pumpFaultModes } from '../../simulator/pump/machine.ts';
import { type LifePlan, type LivedMoment, live } from './own-lives.ts';
import { type RulReport, type Scores, score, scorePoints } from './report.ts';

/** Lives a mode. Judged are other units at a pace (how fast lives pass) that none of the taught ones had. */
const pumpLives = { taught: 40, judged: 24 } as const;
const millLives = { taught: 30, judged: 20 } as const;
const seeds = { taught: 101, judged: 907 } as const;
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

export function benchOwn(tell: (line: string) => void): RulReport {
  const startedMs = performance.now();
  const taught = liveAll([...pumpPlans('taught'), ...millPlans('taught')], noExperience, tell);
  const ensemble = teachLives(
    taught.flatMap((life, i) => momentsOf(life, i)),
    1,
    0.9,
  );
  const trainSeconds = (performance.now() - startedMs) / 1000;
  tell(`taught ${taught.length} lives in ${trainSeconds.toFixed(0)} s`);
  const plans = [...pumpPlans('judged'), ...millPlans('judged')];
  const lives = liveAll(plans, { library: [], ensemble }, tell);
  const groups = Object.groupBy(plans.keys(), (i) => `${plans[i]!.machineType} ${plans[i]!.mode}`);
  return {
    set: 'own',
    fd: null,
    units: lives.length,
    ...scoreLives(lives),
    trainSeconds,
    windowsPerS: measureSpeed(ensemble, lives),
    controls: scoreControls(taught, lives),
    toldShare: toldShare(lives),
    modes: Object.fromEntries(
      Object.entries(groups).map(([name, at]) => [name, modeReport(at!.map((i) => lives[i]!))]),
    ),
    judged: 'moments from half of life on at which wear had been seen, by the forecast of the mode that ended the life',
    seeds,
  };
}

type Use = keyof typeof seeds;

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
      seed: seeds[use],
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
  const random = createRandom(`${seeds[use]}/mill lives`);
  for (const [mode, component] of millModes) {
    for (let i = 0; i < millLives[use]; i++) {
      const onsetS = 3600 * random.uniform(1.5, 4);
      const growthS = 3600 * (use === 'taught' ? drawLog(random, 1, 10) : drawLog(random, 1.5, 15));
      const machine = createCncMachine({
        machineId: `CNC-${use}-${mode}-${i}`,
        seed: seeds[use],
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

function liveAll(plans: readonly LifePlan[], experience: Experience, tell: (line: string) => void): LivedMoment[][] {
  const startedMs = performance.now();
  return plans.map((plan, i) => {
    const spentS = (performance.now() - startedMs) / 1000;
    if (i > 0 && i % 50 === 0)
      tell(`life ${i} of ${plans.length}, ${((spentS / i) * (plans.length - i)).toFixed(0)} s left`);
    return live(plan, experience);
  });
}

const momentsOf = (life: readonly LivedMoment[], number: number): TaughtMoment[] =>
  life.flatMap(({ outlook, leftHours }) => (outlook === null ? [] : [{ ...outlook, leftHours, life: number }]));

/** What is scored: the second half of each life, where a number was told. */
function judgedMoments(lives: readonly (readonly LivedMoment[])[]): (LivedMoment & { life: number })[] {
  return lives.flatMap((life, i) =>
    life.filter((m) => m.lifeShare >= 0.5 && m.told !== null).map((m) => ({ ...m, life: i })),
  );
}

/** Hours of lives of minutes and of days do not add up: all is told in per cent of the unit's life. */
const lifeHoursOf = (m: LivedMoment): number => m.leftHours / Math.max(1e-9, 1 - m.lifeShare);
const percentOf = (hours: number, m: LivedMoment): number => (100 * hours) / lifeHoursOf(m);

const truthOf = (moments: readonly LivedMoment[]) => ({
  remaining: Float64Array.from(moments, (m) => 100 * (1 - m.lifeShare)),
  lifeShare: Float64Array.from(moments, (m) => m.lifeShare),
});

function scoreLives(lives: readonly (readonly LivedMoment[])[]): Scores {
  const moments = judgedMoments(lives);
  return score(truthOf(moments), {
    values: Float64Array.from(moments, (m) => percentOf(m.told!.p50, m)),
    lower: Float64Array.from(moments, (m) => percentOf(m.told!.p10, m)),
    upper: Float64Array.from(moments, (m) => percentOf(m.told!.p90, m)),
  });
}

/** Anyone could say: the mean of the lives taught, less this one's age; or that wear goes on as it did since onset. */
function scoreControls(taught: readonly (readonly LivedMoment[])[], lives: readonly (readonly LivedMoment[])[]) {
  const moments = judgedMoments(lives);
  const truth = truthOf(moments);
  const ratios = judgedMomentsTaught(taught).map((m) => m.leftHours / ageOf(m));
  const meanRatio = ratios.reduce((sum, r) => sum + r, 0) / Math.max(1, ratios.length);
  const byAge = moments.map((m) => percentOf(meanRatio * ageOf(m), m));
  const straight = moments.map((m) => {
    const now = m.outlook!.curve.at(-1)!;
    return percentOf(Math.min(lifeHoursOf(m), (now.hours * Math.max(0, 1 - now.index)) / Math.max(1e-3, now.index)), m);
  });
  const half = new Float64Array(moments.length).fill(25);
  return {
    constant: scorePoints(truth, half),
    ageOnly: scorePoints(truth, Float64Array.from(byAge)),
    straightLine: scorePoints(truth, Float64Array.from(straight)),
  };
}

const ageOf = (m: LivedMoment): number => lifeHoursOf(m) * m.lifeShare;
const judgedMomentsTaught = (lives: readonly (readonly LivedMoment[])[]): LivedMoment[] =>
  lives.flat().filter((m) => m.lifeShare >= 0.5 && m.outlook !== null);

function toldShare(lives: readonly (readonly LivedMoment[])[]): number {
  const second = lives.flat().filter((m) => m.lifeShare >= 0.5);
  return second.filter((m) => m.told !== null).length / second.length;
}

function modeReport(lives: readonly (readonly LivedMoment[])[]) {
  const { coverage90, meanWidth90, alphaLambda, lateShare } = scoreLives(lives);
  return { lives: lives.length, coverage90, meanWidth90, alphaLambda, lateShare, toldShare: toldShare(lives) };
}

function measureSpeed(ensemble: LifeEnsemble, lives: readonly (readonly LivedMoment[])[]): number {
  const outlooks = judgedMoments(lives).map((m) => m.outlook!);
  const startedMs = performance.now();
  for (const outlook of outlooks) foreseeLife(ensemble, outlook);
  return Math.round(outlooks.length / ((performance.now() - startedMs) / 1000));
}
