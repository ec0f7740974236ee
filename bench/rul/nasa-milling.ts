import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Quantiles } from '../../core/prognosis/spread.ts';
import { lifeShareAt, taylorDefaults, taylorLife, type WearReading } from '../../core/prognosis/taylor.ts';
import { type RulReport, score, scorePoints } from './report.ts';

/**
 * Tool life of the NASA milling set (UC Berkeley, Agogino and Goebel 2007): 16 edges, flank wear read now and then. An edge is at its
 * end at .3 mm (ISO 8688-2), by linear interpolation between readings. Each edge is foretold at each of its readings from half of
 * life to the end, by what the other edges of its material lived (leave one case out) and its own readings so far.
 */
const endOfLifeMm = 0.3;
const fileName = 'labels_with_tool_class.csv';

interface Edge {
  readonly material: 'cast iron' | 'steel';
  readonly lifeMinutes: number;
  readonly readings: readonly WearReading[];
}

interface Foretold {
  readonly edge: Edge;
  readonly atMinutes: number;
  readonly told: Quantiles;
  readonly persistence: number;
  readonly others: number;
}

export function benchNasaMilling(folder: string): RulReport {
  const startedMs = performance.now();
  const edges = readEdges(folder);
  const moments = edges.flatMap((edge) => foretell(edge, edges));
  const trainSeconds = (performance.now() - startedMs) / 1000;
  const truth = {
    remaining: Float64Array.from(moments, (m) => m.edge.lifeMinutes - m.atMinutes),
    lifeShare: Float64Array.from(moments, (m) => m.atMinutes / m.edge.lifeMinutes),
  };
  const told = moments.map((m) => ninetyPercent(m));
  const left = (said: (m: Foretold) => number): Float64Array =>
    Float64Array.from(moments, (m) => Math.max(0, said(m) - m.atMinutes));
  return {
    set: 'nasa-milling',
    fd: null,
    units: edges.length,
    ...score(truth, {
      values: Float64Array.from(moments, (m) => m.told.p50),
      lower: Float64Array.from(told, (b) => b.lower),
      upper: Float64Array.from(told, (b) => b.upper),
    }),
    trainSeconds,
    windowsPerS: Math.round(moments.length / Math.max(1e-6, trainSeconds)),
    controls: {
      persistence: scorePoints(
        truth,
        left((m) => m.persistence),
      ),
      otherEdges: scorePoints(
        truth,
        left((m) => m.others),
      ),
    },
    mape: mapeOf(moments, (m) => m.atMinutes + m.told.p50),
    mapePersistence: mapeOf(moments, (m) => m.persistence),
    mapeOtherEdges: mapeOf(moments, (m) => m.others),
    judged: `life to ${endOfLifeMm} mm, at each reading from half of life on, in minutes of cutting`,
  };
}

function readEdges(folder: string): Edge[] {
  const path = join(folder, fileName);
  if (!existsSync(path)) throw new Error(`--data: got no ${fileName} in ${folder}`);
  const [header, ...lines] = readFileSync(path, 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const at = (name: string): number => header!.indexOf(name);
  const cases = Map.groupBy(lines, (cells) => cells[at('case')]!);
  return [...cases.values()].flatMap((runs) => {
    const readings = runs
      .filter((cells) => cells[at('VB')] !== '')
      .map((cells) => ({ cutMinutes: Number(cells[at('time')]), wear: Number(cells[at('VB')]) / endOfLifeMm }));
    const lifeMinutes = findEnd(readings);
    if (lifeMinutes === null) return [];
    return [
      {
        material: runs[0]![at('material')] === '1' ? ('cast iron' as const) : ('steel' as const),
        lifeMinutes,
        readings,
      },
    ];
  });
}

/** When wear first reaches the end of life; null for an edge that never did. */
function findEnd(readings: readonly WearReading[]): number | null {
  const after = readings.findIndex(({ wear }) => wear >= 1);
  if (after < 1) return null;
  const [a, b] = [readings[after - 1]!, readings[after]!];
  return a.cutMinutes + ((1 - a.wear) / (b.wear - a.wear)) * (b.cutMinutes - a.cutMinutes);
}

/** The other edges cut at other depths and feeds: their lives say less than their scatter does. */
const otherCuts = 2;

function foretell(edge: Edge, edges: readonly Edge[]): Foretold[] {
  const others = edges.filter((other) => isAlike(edge, other));
  return judgedReadings(edge).map((readings) => {
    const { cutMinutes: atMinutes, wear } = readings.at(-1)!;
    const settings = {
      ...learnSettings(others),
      straightShare: learnStraightShare(edges.filter((other) => other !== edge)),
    };
    const told = taylorLife(readings, settings);
    return { edge, atMinutes, told, persistence: atMinutes / wear, others: settings.expectedLifeMinutes };
  });
}

/** The readings known at each moment that is judged. */
const judgedReadings = ({ readings, lifeMinutes }: Edge): (readonly WearReading[])[] =>
  readings.flatMap(({ cutMinutes, wear }, i) =>
    cutMinutes < 0.5 * lifeMinutes || wear >= 1 || cutMinutes >= lifeMinutes ? [] : [readings.slice(0, i + 1)],
  );

function learnSettings(others: readonly Edge[]) {
  const logs = others.map(({ lifeMinutes }) => Math.log(lifeMinutes));
  const middle = mean(logs);
  const lifeScatter = Math.sqrt(logs.reduce((sum, l) => sum + (l - middle) ** 2, 0) / (logs.length - 1));
  const curve = meanCurve(others);
  return {
    ...taylorDefaults,
    expectedLifeMinutes: Math.exp(middle),
    lifeScatter: otherCuts * lifeScatter,
    curve,
    curveScatter: scatterAbout(curve, others),
  };
}

const isAlike = (edge: Edge, other: Edge): boolean => other !== edge && other.material === edge.material;

const triedShares = [0, 0.25, 0.5, 0.75, 1] as const;

/** The share by which the finished edges would have foretold each other best, each left out in its turn; of both materials, as one has seven. */
function learnStraightShare(finished: readonly Edge[]): number {
  const errors = triedShares.map((straightShare) =>
    mean(
      finished.flatMap((edge) => {
        const settings = { ...learnSettings(finished.filter((other) => isAlike(edge, other))), straightShare };
        const errors = judgedReadings(edge).map((readings) => {
          const life = readings.at(-1)!.cutMinutes + taylorLife(readings, settings).p50;
          return Math.abs(life - edge.lifeMinutes) / edge.lifeMinutes;
        });
        return errors.length === 0 ? [] : [mean(errors)];
      }),
    ),
  );
  return triedShares[errors.indexOf(Math.min(...errors))]!;
}

const curveSteps = 10;

/** The mean wear of finished edges at even steps of their lives, only rising. */
function meanCurve(edges: readonly Edge[]): number[] {
  let highest = 0;
  return Array.from({ length: curveSteps + 1 }, (_, k) => {
    const wear = mean(edges.map((edge) => wearAt(edge, (k / curveSteps) * edge.lifeMinutes)));
    highest = Math.max(highest + 1e-3, wear);
    return k === 0 ? 0 : highest;
  });
}

function wearAt({ readings, lifeMinutes }: Edge, minutes: number): number {
  if (minutes >= lifeMinutes) return 1;
  let before = { cutMinutes: 0, wear: 0 };
  for (const reading of readings) {
    if (reading.cutMinutes >= minutes) {
      const gap = reading.cutMinutes - before.cutMinutes;
      return before.wear + (gap > 0 ? (minutes - before.cutMinutes) / gap : 0) * (reading.wear - before.wear);
    }
    before = reading;
  }
  return before.wear;
}

/** How far each finished edge's life, read by the mean curve at half of it, lay from the truth; told for the very start. */
function scatterAbout(curve: readonly number[], edges: readonly Edge[]): number {
  const errors = edges.map((edge) =>
    Math.log(0.5 / Math.max(0.05, lifeShareAt(wearAt(edge, 0.5 * edge.lifeMinutes), curve))),
  );
  return 2 * Math.sqrt(mean(errors.map((e) => e * e)));
}

/** P5 and P95 from P50 and P90 of a life that is log-normal. */
function ninetyPercent({ atMinutes, told }: Foretold): { lower: number; upper: number } {
  const middle = Math.log(atMinutes + told.p50);
  const deviation = (Math.log(atMinutes + told.p90) - middle) / 1.2816;
  const bound = (z: number): number => Math.max(0, Math.exp(middle + z * deviation) - atMinutes);
  return { lower: bound(-1.645), upper: bound(1.645) };
}

/** Mean over edges of each one's mean error of total life, in per cent: an edge read often counts no more. */
function mapeOf(moments: readonly Foretold[], life: (m: Foretold) => number): Record<string, number> {
  const byMaterial = Map.groupBy(moments, (m) => m.edge.material);
  return Object.fromEntries(
    [...byMaterial].map(([material, own]) => {
      const errors = [...Map.groupBy(own, (m) => m.edge).values()].map((of) =>
        mean(of.map((m) => (100 * Math.abs(life(m) - m.edge.lifeMinutes)) / m.edge.lifeMinutes)),
      );
      return [material, mean(errors)];
    }),
  );
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
