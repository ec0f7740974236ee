/**
 * The coolant loop: a pump, a filter and the nozzles in series, and a tank.
 *
 *   pump p = p0 − a·Q²;  filter and nozzles p = (kf + kn)·Q²;  so Q = √(p0 / (a + kf + kn))
 *
 * The pressure is measured before the filter: as the filter clogs (kf grows) the flow falls and the pressure rises.
 * Temperature follows the heat of the cut with the tank's time constant; concentration and pH fall as the emulsion ages.
 * Fails for an empty tank or a stopped pump, which are not modelled. Pump and nozzle figures: assumption, for a machine with
 * 25 L/min at 5 bar; concentration and pH windows (5–10 %, 8.8–9.5) per reference.
 */
const coolantDefaults = {
  shutOffBar: 7,
  pumpBarPerLpm2: 0.0032,
  nozzleBarPerLpm2: 0.0072,
  cleanFilterBarPerLpm2: 0.0008,
  /** A filter at level 1 drops this many times the clean one's pressure. */
  clogGain: 11,
  tankTimeConstantS: 2400,
  kelvinPerKw: 2.2,
  pumpHeatKelvin: 1.5,
  freshConcentrationPercent: 8,
  freshPh: 9.2,
  /** Losses at level 1. */
  concentrationLossPercent: 4.5,
  phLoss: 1.1,
  warmingKelvin: 5,
  /** Water leaves and concentrate is dragged out: a slow drift in good order too. */
  concentrationDriftPercentPerHour: 0.001,
  phDriftPerHour: 0.0002,
  /** Taylor's C is lower by this share when the coolant is spent (reference: 10–30 % for lost flow). */
  speedLossShare: 0.2,
  mistLpm: 0.4,
  mistBar: 3,
} as const;

export interface CoolantStep {
  readonly durationS: number;
  readonly mode: 'off' | 'mist' | 'flood';
  readonly ambientC: number;
  readonly heatKw: number;
  readonly level: number;
}

export class CoolantLoop {
  flowLpm = 0;
  pressureBar = 0;
  temperatureC: number;
  concentrationPercent: number = coolantDefaults.freshConcentrationPercent;
  ph: number = coolantDefaults.freshPh;
  private ageHours = 0;

  constructor(ambientC: number) {
    this.temperatureC = ambientC + 1;
  }

  advance(step: CoolantStep): void {
    const d = coolantDefaults;
    this.ageHours += step.durationS / 3600;
    this.runPump(step);
    const pumpHeat = step.mode === 'flood' ? d.pumpHeatKelvin : 0;
    const target = step.ambientC + pumpHeat + d.kelvinPerKw * step.heatKw + d.warmingKelvin * step.level;
    this.temperatureC += (target - this.temperatureC) * (1 - Math.exp(-step.durationS / d.tankTimeConstantS));
    // Renewed by the shop long before it would be used up: the drift wraps round once a month.
    const driftHours = this.ageHours % 720;
    this.concentrationPercent =
      d.freshConcentrationPercent -
      d.concentrationDriftPercentPerHour * driftHours -
      d.concentrationLossPercent * step.level;
    this.ph = d.freshPh - d.phDriftPerHour * driftHours - d.phLoss * step.level;
  }

  /** What is left of Taylor's C with this coolant at the edge. */
  speedFactor(level: number): number {
    return 1 - coolantDefaults.speedLossShare * level;
  }

  private runPump({ mode, level }: CoolantStep): void {
    const d = coolantDefaults;
    if (mode === 'flood') {
      const filter = d.cleanFilterBarPerLpm2 * (1 + d.clogGain * level);
      this.flowLpm = Math.sqrt(d.shutOffBar / (d.pumpBarPerLpm2 + filter + d.nozzleBarPerLpm2));
      this.pressureBar = (filter + d.nozzleBarPerLpm2) * this.flowLpm ** 2;
    } else {
      this.flowLpm = mode === 'mist' ? d.mistLpm : 0;
      this.pressureBar = mode === 'mist' ? d.mistBar : 0;
    }
  }
}
