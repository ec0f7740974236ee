import { type FaultPlan, faultLevelAt, type GroundTruth } from '../machine.ts';

export const cncFaultModes = [
  'tool_wear',
  'spindle_bearing_wear',
  'coolant_degradation',
  'thermal_drift',
  'axis_backlash',
] as const;
type CncFaultMode = (typeof cncFaultModes)[number];

/** Where each mode can sit; the first is taken when the plan names none. */
const componentsOf: Readonly<Record<CncFaultMode, readonly string[]>> = {
  tool_wear: ['tool'],
  spindle_bearing_wear: ['spindle_bearing'],
  coolant_degradation: ['coolant'],
  thermal_drift: ['thermal'],
  axis_backlash: ['axis_x', 'axis_y', 'axis_z'],
};

interface PlacedFault {
  readonly plan: FaultPlan;
  readonly component: string;
}

/** How far each component's fault has grown, 0 to 1, at the moment last asked for. */
export class FaultSchedule {
  toolWear = 0;
  bearingWear = 0;
  coolantDegradation = 0;
  thermalDrift = 0;
  backlash = { x: 0, y: 0, z: 0 };
  private readonly faults: readonly PlacedFault[];

  constructor(plans: readonly FaultPlan[]) {
    // A fault that never grows is no fault: it must leave no trace, in the ground truth neither.
    this.faults = plans.map(placeFault).filter((fault) => fault.plan.severity > 0);
  }

  moveTo(elapsedS: number): void {
    if (this.faults.length === 0) return;
    this.toolWear = this.levelOf('tool', elapsedS);
    this.bearingWear = this.levelOf('spindle_bearing', elapsedS);
    this.coolantDegradation = this.levelOf('coolant', elapsedS);
    this.thermalDrift = this.levelOf('thermal', elapsedS);
    this.backlash.x = this.levelOf('axis_x', elapsedS);
    this.backlash.y = this.levelOf('axis_y', elapsedS);
    this.backlash.z = this.levelOf('axis_z', elapsedS);
  }

  truthAt(elapsedS: number): GroundTruth['faults'] {
    return this.faults
      .filter(({ plan }) => elapsedS >= plan.onsetS)
      .map(({ plan, component }) => ({ mode: plan.mode, component, level: faultLevelAt(plan, elapsedS) }));
  }

  /** Two plans for one component add up, to 1 at most. */
  private levelOf(component: string, elapsedS: number): number {
    let level = 0;
    for (const fault of this.faults) {
      if (fault.component === component) level += faultLevelAt(fault.plan, elapsedS);
    }
    return Math.min(1, level);
  }
}

const isCncFaultMode = (mode: string): mode is CncFaultMode => (cncFaultModes as readonly string[]).includes(mode);

function placeFault(plan: FaultPlan): PlacedFault {
  const { mode, severity } = plan;
  if (!isCncFaultMode(mode)) throw new Error(`fault mode: got "${mode}", allowed are ${cncFaultModes.join(', ')}`);
  const allowed = componentsOf[mode];
  const component = plan.component ?? allowed[0]!;
  if (!allowed.includes(component)) {
    throw new Error(`component of fault ${mode}: got "${component}", allowed are ${allowed.join(', ')}`);
  }
  if (!(severity >= 0 && severity <= 1)) {
    throw new Error(`severity of fault ${mode}: got ${severity}, allowed is 0 to 1`);
  }
  return { plan, component };
}
