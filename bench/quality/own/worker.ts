import { parentPort } from 'node:worker_threads';
import { ownLaws } from './laws.ts';
import { type EpisodeRun, type NormalRun, Unit } from './unit.ts';

export interface UnitTask {
  readonly machineType: string;
  readonly unit: number;
}

/** Plain data: it crosses the border between threads. */
export interface UnitResult extends UnitTask {
  readonly life: NormalRun;
  readonly episodes: readonly EpisodeRun[];
}

/** A unit's whole story depends on its number alone, so it does not matter which thread tells it. */
parentPort?.on('message', ({ machineType, unit: number }: UnitTask) => {
  const law = ownLaws.find((one) => one.machineType === machineType)!;
  const unit = new Unit(law, number);
  const life = unit.live();
  const episodes = law.faults.flatMap((fault) =>
    Array.from({ length: law.episodesPerUnitAndFault }, (_, n) => unit.suffer(fault, n)),
  );
  const result: UnitResult = { machineType, unit: number, life, episodes };
  parentPort!.postMessage(result);
});
