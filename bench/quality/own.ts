import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { quantileOfSorted } from '../../core/detection/statistics/order.ts';
import { wilson95 } from './episodes.ts';
import { commissioningHours, normalHours, type OwnLaw, ownLaws } from './own/laws.ts';
import type { EpisodeRun, MethodRun, NormalRun } from './own/unit.ts';
import type { UnitResult, UnitTask } from './own/worker.ts';
import type { Outcome, QualitySet } from './recording.ts';

/**
 * Our own simulators, every fault of every machine type, on seeds and fault laws that no parameter was chosen on. The
 * milling process is not here: it has one scenario, and a test holds it row by row.
 */
export const own: QualitySet = async ({ tell }) => {
  const results = await runUnits(tell);
  const runs = ownLaws.map((law) => gather(law, results));
  const episodes = runs.flatMap((run) => run.episodes);
  const normals: readonly NormalRun[] = [...runs.flatMap((run) => run.lives), ...episodes];
  const names = [...normals[0]!.controls.keys()];
  return {
    set: 'own',
    files: ownLaws.map((law) => law.machineType),
    ours: { ...outcomeOf(normals, episodes, (run) => run.ours), causeTop1: share(episodes, (e) => e.causeRight) },
    controls: Object.fromEntries(
      names.map((name) => [name, outcomeOf(normals, episodes, (run) => run.controls.get(name)!)]),
    ),
    scores: {
      delayShareOfGrowthMedian: delayShare(episodes, 0.5),
      commissioningHours,
      normalHoursPerUnit: normalHours,
      byType: Object.fromEntries(runs.map((run) => [run.law.machineType, describeType(run)])),
    },
  };
};

interface LawRun {
  readonly law: OwnLaw;
  readonly lives: readonly NormalRun[];
  readonly episodes: readonly EpisodeRun[];
}

function gather(law: OwnLaw, results: readonly UnitResult[]): LawRun {
  const own = results.filter((result) => result.machineType === law.machineType);
  return { law, lives: own.map((result) => result.life), episodes: own.flatMap((result) => result.episodes) };
}

/** Deals the units out to one thread a core; the results come back in the order of the units. */
async function runUnits(tell: (line: string) => void): Promise<UnitResult[]> {
  const tasks = ownLaws.flatMap(({ machineType, units }) =>
    Array.from({ length: units }, (_, unit): UnitTask => ({ machineType, unit })),
  );
  const results = new Array<UnitResult>(tasks.length);
  let next = 0;
  let done = 0;
  const runWorker = async (): Promise<void> => {
    const worker = new Worker(new URL('./own/worker.ts', import.meta.url));
    while (next < tasks.length) {
      const at = next++;
      worker.postMessage(tasks[at]!);
      const [result] = (await once(worker, 'message')) as [UnitResult];
      results[at] = result;
      if (++done % 20 === 0) tell(`${done} of ${tasks.length} machines, at a ${result.machineType}`);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, runWorker));
  return results;
}

type MethodOf = (run: NormalRun) => MethodRun;

function outcomeOf(normals: readonly NormalRun[], episodes: readonly EpisodeRun[], methodOf: MethodOf): Outcome {
  const delays = episodes.flatMap((run) => methodOf(run).delayS ?? []).sort((a, b) => a - b);
  const falseAlarms = normals.reduce((sum, run) => sum + methodOf(run).falseAlarms, 0);
  const hours = normals.reduce((sum, run) => sum + run.normalS, 0) / 3600;
  const alarms = delays.length + falseAlarms;
  return {
    episodes: episodes.length,
    episodesDetected: delays.length,
    wilson95: wilson95(delays.length, episodes.length),
    delayMedianS: delays.length > 0 ? quantileOfSorted(delays, 0.5) : null,
    delayP90S: delays.length > 0 ? quantileOfSorted(delays, 0.9) : null,
    falseAlarms,
    normalHours: hours,
    falseAlarmsPerMachineDay: (falseAlarms / hours) * 24,
    falseAlarmsPerHour: falseAlarms / hours,
    alarmPrecision: alarms > 0 ? delays.length / alarms : null,
    vusPr: null,
    causeTop1: null,
  };
}

function describeType({ law, lives, episodes }: LawRun): unknown {
  const outcome = outcomeOf([...lives, ...episodes], episodes, (run) => run.ours);
  const byFault = law.faults.map(({ mode }) => {
    const runs = episodes.filter((run) => run.fault === mode);
    const { episodesDetected, wilson95: interval, delayMedianS } = outcomeOf(runs, runs, (run) => run.ours);
    return [
      mode,
      {
        episodes: runs.length,
        episodesDetected,
        wilson95: interval,
        causeTop1: share(runs, (run) => run.causeRight),
        decisionRight: share(runs, (run) => run.decisionRight),
        delayMedianS,
        delayShareOfGrowthMedian: delayShare(runs, 0.5),
        delayShareOfGrowthP90: delayShare(runs, 0.9),
      },
    ];
  });
  return {
    normalDays: outcome.normalHours / 24,
    falseAlarms: outcome.falseAlarms,
    falseAlarmsPerMachineDay: outcome.falseAlarmsPerMachineDay,
    alarmPrecision: outcome.alarmPrecision,
    delayShareOfGrowthMedian: delayShare(episodes, 0.5),
    intervalS: law.intervalS,
    growthHours: law.growthHours,
    severity: law.severity,
    byFault: Object.fromEntries(byFault),
  };
}

const share = <T>(runs: readonly T[], holds: (run: T) => boolean): number => runs.filter(holds).length / runs.length;

/** A fault that was not found counts as found at the end of its growth. */
function delayShare(runs: readonly EpisodeRun[], quantile: number): number {
  const shares = runs.map(({ ours, plan }) => (ours.delayS ?? plan.growthS) / plan.growthS);
  return quantileOfSorted(
    shares.sort((a, b) => a - b),
    quantile,
  );
}
