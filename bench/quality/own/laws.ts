import { createRandom, type Random } from '../../../core/random/random.ts';
import { cncJobs, readJobProgram } from '../../../simulator/cnc/job.ts';
import type { FaultPlan } from '../../../simulator/machine.ts';

/**
 * What the `own` set is made of. Parameters of core/machine-types/builtin were chosen on seeds 1–4 and on units 5000 and
 * up of these machines, with faults that grow within 20 to 60 h to severities of 0.5 to 0.9. The units, onsets, growths
 * and severities below were run once the parameters stood; the ranges of growth are wider on both sides.
 */
export interface OwnLaw {
  readonly machineType: string;
  /** Sampled sparsely so that months fit into minutes; a denser stream only gives the detectors more to average. */
  readonly intervalS: number;
  readonly units: number;
  readonly episodesPerUnitAndFault: number;
  readonly growthHours: readonly [least: number, most: number];
  readonly severity: readonly [least: number, most: number];
  readonly faults: readonly FaultOfLaw[];
  /** Work the units are given, in turn. */
  readonly programTexts?: readonly string[];
}

export interface FaultOfLaw {
  readonly mode: string;
  /** Places the fault can sit in; drawn per episode. */
  readonly components?: readonly string[];
  /** Decisions a reliability engineer would call right when the alarm opens. */
  readonly decisions: readonly string[];
}

const plan = ['schedule_intervention', 'human_review'];
const review = ['human_review', 'schedule_intervention'];

/** Half a day more than the slowest expectation needs; it counts as normal time for false alarms all the same. */
export const commissioningHours = 30;
export const normalHours = 24;
/** A unit switched on again is warm after this; only then may a fault begin. */
export const settleHours = 0.5;

export const ownLaws: readonly OwnLaw[] = [
  {
    machineType: 'centrifugal-pump',
    intervalS: 30,
    units: 100,
    episodesPerUnitAndFault: 3,
    growthHours: [12, 120],
    severity: [0.4, 1],
    faults: [
      { mode: 'bearing_wear', decisions: plan },
      { mode: 'cavitation', decisions: review },
      { mode: 'imbalance', decisions: plan },
      { mode: 'seal_leak', decisions: plan },
      { mode: 'clogging', decisions: plan },
      { mode: 'dry_run', decisions: ['do_not_proceed'] },
    ],
  },
  {
    machineType: 'cnc-mill',
    programTexts: cncJobs.map(readJobProgram),
    intervalS: 10,
    units: 60,
    episodesPerUnitAndFault: 5,
    growthHours: [16, 90],
    severity: [0.4, 1],
    faults: [
      { mode: 'tool_wear', decisions: plan },
      { mode: 'spindle_bearing_wear', decisions: plan },
      { mode: 'coolant_degradation', decisions: plan },
      { mode: 'thermal_drift', decisions: review },
      { mode: 'axis_backlash', components: ['axis_x', 'axis_y', 'axis_z'], decisions: plan },
    ],
  },
  {
    machineType: 'generic',
    intervalS: 30,
    units: 100,
    episodesPerUnitAndFault: 3,
    growthHours: [24, 240],
    severity: [0.4, 1],
    faults: [
      { mode: 'correlation_break', decisions: review },
      { mode: 'overheating', decisions: review },
      { mode: 'vibration_growth', decisions: plan },
    ],
  },
];

/** Far from the seeds that parameters were chosen on. */
const firstSeed = 770_000;
const mostOnsetHours = 1;

export const seedOfUnit = (unit: number): number => firstSeed + unit;

export function drawFault(law: OwnLaw, fault: FaultOfLaw, label: string): FaultPlan {
  const random = createRandom(`own/${law.machineType}/${fault.mode}/${label}`);
  const growthS = 3600 * logUniform(random, law.growthHours);
  const onsetS = 3600 * (settleHours + random.uniform(0, mostOnsetHours));
  const severity = random.uniform(...law.severity);
  const { components } = fault;
  if (components === undefined) return { mode: fault.mode, onsetS, growthS, severity };
  const component = components[random.integer(0, components.length - 1)]!;
  return { mode: fault.mode, onsetS, growthS, severity, component };
}

const logUniform = (random: Random, [least, most]: readonly [number, number]): number =>
  least * (most / least) ** random.next();
