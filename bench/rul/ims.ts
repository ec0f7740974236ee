import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noExperience } from '../../core/prognosis/choose.ts';
import { type DegradationConfig, prognosisSchema } from '../../core/prognosis/config.ts';
import { WearTracker } from '../../core/prognosis/wear-tracker.ts';
import { type RulReport, score, scorePoints } from './report.ts';

/**
 * The IMS set 2 (Univ. Cincinnati, NASA): one bearing run to its outer race's failure, 984 recordings 10 minutes apart. One life
 * teaches nothing; this shows what the onset gate and the course alone can say. The end is where the RMS is five times the
 * baseline's (assumption made before looking at the end; .42 g was measured there).
 */
const fileName = 'ims_set2_features.csv';
const failingBearing = '1';
const hoursPerRecording = 1 / 6;
const baselineRecordings = 120;
const failureRatio = 5;

export function benchIms(folder: string): RulReport {
  const rms = readRms(folder);
  const baseline = rms.slice(0, baselineRecordings).reduce((sum, v) => sum + v, 0) / baselineRecordings;
  const config = prognosisSchema.parse({
    wears: [
      {
        kind: 'degradation',
        component: 'bearing',
        failureMode: 'outer_race',
        signal: 'rms_g',
        failureAt: failureRatio * baseline,
        baselineSamples: baselineRecordings,
        onsetAt: 0.03,
      },
    ],
  }).wears[0] as DegradationConfig;
  const startedMs = performance.now();
  const worn = watch(rms, new WearTracker(config, { unit: 'g', life: null, experience: noExperience }));
  const moments = worn.flatMap(({ leftHours, told }) => (told === null ? [] : [{ leftHours, ...told }]));
  const seconds = (performance.now() - startedMs) / 1000;
  const truth = {
    remaining: Float64Array.from(moments, (m) => m.leftHours),
    lifeShare: Float64Array.from(moments, (m) => 1 - m.leftHours / (rms.length * hoursPerRecording)),
  };
  const half = new Float64Array(moments.length).fill((rms.length * hoursPerRecording) / 4);
  return {
    set: 'ims',
    fd: null,
    units: 1,
    ...score(truth, {
      values: Float64Array.from(moments, (m) => m.p50),
      lower: Float64Array.from(moments, (m) => m.p10),
      upper: Float64Array.from(moments, (m) => m.p90),
    }),
    trainSeconds: 0,
    windowsPerS: Math.round(rms.length / Math.max(1e-6, seconds)),
    controls: { constant: scorePoints(truth, half) },
    onsetHoursBeforeEnd: worn[0]?.leftHours ?? null,
    toldShare: moments.length / worn.length,
    judged: 'hours left of bearing 1, at each recording since onset that was told; the interval is P10 to P90 (80 %)',
  };
}

function readRms(folder: string): number[] {
  const path = join(folder, fileName);
  if (!existsSync(path)) throw new Error(`--data: got no ${fileName} in ${folder}`);
  const [header, ...lines] = readFileSync(path, 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const [bearing, rms] = [header!.indexOf('bearing'), header!.indexOf('rms_g')];
  return lines.filter((cells) => cells[bearing] === failingBearing).map((cells) => Number(cells[rms]));
}

function watch(rms: readonly number[], tracker: WearTracker) {
  const endMs = rms.length * hoursPerRecording * 3_600_000;
  return rms.flatMap((value, i) => {
    const atMs = i * hoursPerRecording * 3_600_000;
    tracker.update(value, atMs);
    const { status, remainingHours: told } = tracker.forecast();
    return status === 'none_seen' ? [] : [{ leftHours: (endMs - atMs) / 3_600_000, told }];
  });
}
