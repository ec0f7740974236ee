import { lifeSeeds, planLives, typesWithLives } from '../../bin/train/life-plans.ts';
import { type LivedMoment, liveAll, momentsOf } from '../../bin/train/wear-lives.ts';
import { noExperience } from '../../core/prognosis/choose.ts';
import { foreseeLife, type LifeEnsemble, teachLives } from '../../core/prognosis/life-ensemble.ts';
import { type RulReport, type Scores, score, scorePoints } from './report.ts';

export function benchOwn(tell: (line: string) => void): RulReport {
  const startedMs = performance.now();
  const taught = typesWithLives.map((type) => liveAll(planLives(type, 'taught'), () => noExperience, tell));
  const ensembles = new Map(typesWithLives.map((type, i) => [type, teach(taught[i]!)]));
  const trainSeconds = (performance.now() - startedMs) / 1000;
  tell(`taught ${taught.flat().length} lives in ${trainSeconds.toFixed(0)} s`);
  const plan = () => typesWithLives.flatMap((type) => planLives(type, 'judged'));
  const plans = plan();
  const lives = liveAll(plans, (type) => ({ library: [], ensemble: ensembles.get(type) ?? null }), tell);
  const withoutTrees = judgedMoments(liveAll(plan(), () => noExperience, tell));
  const groups = Object.groupBy(plans.keys(), (i) => `${plans[i]!.machineType} ${plans[i]!.mode}`);
  return {
    set: 'own',
    fd: null,
    units: lives.length,
    ...scoreLives(lives),
    trainSeconds,
    windowsPerS: measureSpeed(ensembles.values().next().value!, lives),
    controls: { ...scoreControls(taught.flat(), lives), withoutTrees: scoreCourse(withoutTrees) },
    toldShare: toldShare(lives),
    modes: Object.fromEntries(
      Object.entries(groups).map(([name, at]) => [name, modeReport(at!.map((i) => lives[i]!))]),
    ),
    judged: 'moments from half of life on at which wear had been seen, by the forecast of the mode that ended the life',
    seeds: lifeSeeds,
  };
}

const teach = (lives: readonly (readonly LivedMoment[])[]): LifeEnsemble =>
  teachLives(
    lives.flatMap((life, i) => momentsOf(life, i)),
    1,
    0.9,
  );

/** The same lives by the course of their own wear alone, as a plant knows them on its first day; never more than a whole life. */
const scoreCourse = (moments: readonly LivedMoment[]) =>
  scorePoints(
    truthOf(moments),
    Float64Array.from(moments, (m) => Math.min(100, percentOf(m.told!.p50, m))),
  );

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
