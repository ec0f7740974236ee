import type { Experience } from '../../core/prognosis/choose.ts';
import type { TaughtMoment } from '../../core/prognosis/life-ensemble.ts';
import { createPrognosis, type Prognosis } from '../../core/prognosis/prognosis.ts';
import type { Quantiles } from '../../core/prognosis/spread.ts';
import type { SimulatedMachine } from '../../simulator/machine.ts';
import { findMachineType } from './labelled-lives.ts';

/** One life run to its end: when the forecaster saw what, and how much was really left. */
export interface LivedMoment {
  readonly lifeShare: number;
  readonly leftHours: number;
  /** Null where the forecaster gave no number of its own: no wear seen yet. */
  readonly told: Quantiles | null;
  readonly outlook: Omit<TaughtMoment, 'life' | 'leftHours'> | null;
}

export interface LifePlan {
  readonly machine: SimulatedMachine;
  readonly machineType: string;
  /** The mode that ends the life; its component's forecast is the one that is judged. */
  readonly mode: string;
  readonly component: string;
  readonly lifeHours: number;
  readonly startMs: number;
  /** Moments looked at, evenly over the life. */
  readonly moments: number;
}

const allGood = new Map<number, readonly 'good'[]>();
const goodQualities = (count: number): readonly 'good'[] => {
  const made = allGood.get(count) ?? new Array<'good'>(count).fill('good');
  allGood.set(count, made);
  return made;
};

export function live(plan: LifePlan, experience: Experience): LivedMoment[] {
  const type = findMachineType(plan.machineType)!;
  const only = type.prognosis.wears.filter(
    (wear) => wear.failureMode === plan.mode && wear.component === plan.component,
  );
  const prognosis = createPrognosis({ ...type, prognosis: { ...type.prognosis, wears: only } }, { experience });
  const paths = type.signals.map((signal) => signal.path.split('.'));
  const endMs = plan.startMs + plan.lifeHours * 3_600_000;
  const moments: LivedMoment[] = [];
  const quality = goodQualities(paths.length);
  const expected = paths.map(() => Number.NaN);
  for (let next = 1; next < plan.moments; ) {
    const { payload, truth } = plan.machine.next();
    if (truth.sampledAtMs >= endMs) break;
    const values = paths.map((path) => readPath(payload, path));
    const { machineId, sampledAtMs } = truth;
    const context = { tool: String((payload.tool as Record<string, unknown> | undefined)?.id ?? '') };
    const phase = String((payload.status as Record<string, unknown> | undefined)?.mode ?? payload.mode ?? '');
    prognosis.observe({ machineId, sampledAtMs, values, expected, quality, phase, disposition: 'used' }, context);
    const lifeShare = (sampledAtMs - plan.startMs) / (endMs - plan.startMs);
    if (lifeShare < next / plan.moments) continue;
    while (next / plan.moments <= lifeShare) next++;
    moments.push(look(prognosis, sampledAtMs, (endMs - sampledAtMs) / 3_600_000, lifeShare));
  }
  return moments;
}

function look(prognosis: Prognosis, atMs: number, leftHours: number, lifeShare: number): LivedMoment {
  const [forecast] = prognosis.forecast(atMs).components;
  const isNumber = forecast?.status === 'wearing' || forecast?.status === 'failed';
  const outlook = prognosis.outlooks()[0] ?? null;
  return { lifeShare, leftHours, told: isNumber ? forecast.remainingHours : null, outlook };
}

function readPath(payload: Readonly<Record<string, unknown>>, path: readonly string[]): number {
  let value: unknown = payload;
  for (const part of path) value = (value as Readonly<Record<string, unknown>> | undefined)?.[part];
  return typeof value === 'number' ? value : Number.NaN;
}

/** Lives one after the other, telling how far it is. */
export function liveAll(
  plans: readonly LifePlan[],
  experienceOf: (machineType: string) => Experience,
  tell: (line: string) => void,
): LivedMoment[][] {
  const startedMs = performance.now();
  return plans.map((plan, i) => {
    const spentS = (performance.now() - startedMs) / 1000;
    if (i > 0 && i % 50 === 0)
      tell(`life ${i} of ${plans.length}, ${((spentS / i) * (plans.length - i)).toFixed(0)} s left`);
    return live(plan, experienceOf(plan.machineType));
  });
}

/** What a life teaches: each moment at which wear had been seen. */
export const momentsOf = (life: readonly LivedMoment[], number: number): TaughtMoment[] =>
  life.flatMap(({ outlook, leftHours }) => (outlook === null ? [] : [{ ...outlook, leftHours, life: number }]));
