import type { Severity } from '../detection/observation.ts';
import type { MachineType } from '../machine-types/definition.ts';

/**
 * What waiting costs against what acting costs, in money:
 *
 *   acting  = hours · price + parts
 *   waiting = P(fails first) · ((hours · f + lead time) · price + parts · f)
 *
 * with f the factor of unplanned over planned work. P comes from the remaining life where there is one (linear between
 * its P10, P50 and P90), else from the severity. It fails where a failure does further damage: it knows none.
 */
export interface CostInput {
  readonly action: MachineType['actions'][number];
  readonly severity: Severity;
  readonly downtimeEurPerHour: number;
  /** How long one would wait: to the next shutdown that is planned anyway. */
  readonly horizonHours: number;
  readonly remainingHours?: { readonly p10: number; readonly p50: number; readonly p90: number };
}

export interface CostComparison {
  readonly actingEur: number;
  readonly waitingEur: number;
  readonly failureChance: number;
  readonly avoidedEur: number;
  readonly partsEur: number;
  readonly downtimeEurPerHour: number;
  /** The machine stands this long for planned work, and this long after a failure. */
  readonly plannedHours: number;
  readonly unplannedHours: number;
  /** Whether the chance comes from the remaining life; else from the severity. */
  readonly isByRemainingLife: boolean;
}

/** Unplanned work takes some three times what planned work does (US DOE, O&M Best Practices Guide 3.0, chapter 5). */
const unplannedFactor = 3;

/** Of failing within a week, where no remaining life is known (assumption). */
const chanceBySeverity: Readonly<Record<Severity, number>> = { normal: 0.01, watch: 0.05, warning: 0.2, critical: 0.6 };

export function compareCosts(input: CostInput): CostComparison {
  const { action, downtimeEurPerHour } = input;
  const { actingEur, failingEur, partsEur, unplannedHours } = priceOf(action, downtimeEurPerHour);
  const failureChance = chanceOf(input);
  const waitingEur = failureChance * failingEur;
  const round = (eur: number): number => Math.round(eur);
  return {
    actingEur: round(actingEur),
    waitingEur: round(waitingEur),
    failureChance,
    avoidedEur: round(waitingEur - actingEur),
    partsEur: round(partsEur),
    downtimeEurPerHour,
    plannedHours: action.durationHours,
    unplannedHours,
    isByRemainingLife: input.remainingHours !== undefined,
  };
}

/** Of the work done in time, and done after a failure, for which parts and people have to come first. */
export function priceOf(action: CostInput['action'], downtimeEurPerHour: number) {
  const partsEur = action.parts.reduce((sum, { quantity, priceEur }) => sum + quantity * priceEur, 0);
  const unplannedHours = action.durationHours * unplannedFactor + action.leadTimeHours;
  return {
    actingEur: action.durationHours * downtimeEurPerHour + partsEur,
    failingEur: unplannedHours * downtimeEurPerHour + partsEur * unplannedFactor,
    partsEur,
    unplannedHours,
  };
}

const chanceOf = ({ severity, horizonHours, remainingHours }: CostInput): number =>
  remainingHours === undefined ? chanceBySeverity[severity] : chanceWithin(horizonHours, remainingHours);

/** That a component with so long to live fails within the horizon; beyond P90 no more is known than nine in ten. */
export function chanceWithin(
  horizonHours: number,
  { p10, p50, p90 }: NonNullable<CostInput['remainingHours']>,
): number {
  const knots: readonly (readonly [number, number])[] = [
    [0, 0],
    [p10, 0.1],
    [p50, 0.5],
    [p90, 0.9],
  ];
  for (let i = 1; i < knots.length; i++) {
    const [fromHours, from] = knots[i - 1]!;
    const [toHours, to] = knots[i]!;
    if (horizonHours <= toHours)
      return from + ((to - from) * (horizonHours - fromHours)) / Math.max(1e-9, toHours - fromHours);
  }
  return 0.9;
}
