import type { Random } from '../../core/random/random.ts';

/**
 * What a sensor makes of a true value: normal noise with a fixed part and a part that grows with the value, the range it can
 * show, and the step it is told in. Every reading draws exactly one number from the sensor's own stream, whatever the value:
 * so a fault on one signal never moves the noise of another.
 */
interface SensorTraits {
  readonly noise: number;
  readonly relativeNoise: number;
  readonly decimals: number;
  readonly min: number;
  readonly max: number;
}

class Sensor {
  private readonly random: Random;
  private readonly traits: SensorTraits;
  private readonly stepsPerUnit: number;

  constructor(random: Random, traits: SensorTraits) {
    this.random = random;
    this.traits = traits;
    this.stepsPerUnit = 10 ** traits.decimals;
  }

  /** `share` scales the noise: 0 for a pump that stands still. */
  read(trueValue: number, share = 1): number {
    const { noise, relativeNoise, min, max } = this.traits;
    const shown = trueValue + this.random.normal() * (noise + relativeNoise * Math.abs(trueValue)) * share;
    // Adding 0 turns −0 into 0.
    return Math.round(Math.min(max, Math.max(min, shown)) * this.stepsPerUnit) / this.stepsPerUnit + 0;
  }
}

type Row = readonly [noise: number, relativeNoise: number, decimals: number, min: number, max: number];

/** Noise of usual shop instruments (assumption); the ranges are what the instruments can show. */
const rows = {
  rpm: [0, 0.0008, 0, 0, 30_000],
  loadPercent: [0.25, 0.012, 1, 0, 200],
  spindleTemperatureC: [0.08, 0, 2, -20, 150],
  vibrationMmPerS: [0.008, 0.03, 3, 0, 100],
  torqueNm: [0.05, 0.012, 2, 0, 500],
  vibration1xMmPerS: [0.004, 0.03, 3, 0, 100],
  vibrationToothMmPerS: [0.006, 0.04, 3, 0, 100],
  vibrationChatterMmPerS: [0.012, 0.05, 3, 0, 100],
  envelopeG: [0.002, 0.05, 4, 0, 50],
  bearingTemperatureC: [0.1, 0, 2, -20, 180],
  thermalGrowthUm: [0.5, 0, 1, -200, 500],
  xReversalErrorUm: [0.5, 0.05, 2, -1000, 1000],
  yReversalErrorUm: [0.5, 0.05, 2, -1000, 1000],
  zReversalErrorUm: [0.5, 0.05, 2, -1000, 1000],
  xLoadPercent: [0.4, 0.02, 1, 0, 300],
  yLoadPercent: [0.4, 0.02, 1, 0, 300],
  zLoadPercent: [0.4, 0.02, 1, 0, 300],
  coolantFlowLpm: [0.12, 0.004, 2, 0, 500],
  coolantTemperatureC: [0.06, 0, 2, -20, 110],
  coolantPressureBar: [0.02, 0.004, 3, 0, 200],
  concentrationPercent: [0.04, 0, 2, 0, 100],
  ph: [0.012, 0, 3, 0, 14],
  spindlePowerKw: [0.004, 0.008, 3, 0, 300],
  servoPowerKw: [0.004, 0.01, 3, 0, 200],
  auxiliaryPowerKw: [0.006, 0.004, 3, 0, 100],
} as const satisfies Record<string, Row>;

type SensorName = keyof typeof rows;
export type Sensors = Readonly<Record<SensorName, Sensor>>;

export function createSensors(random: Random): Sensors {
  const sensors = Object.entries(rows).map(([name, [noise, relativeNoise, decimals, min, max]]) => [
    name,
    new Sensor(random.fork(name), { noise, relativeNoise, decimals, min, max }),
  ]);
  return Object.fromEntries(sensors) as Sensors;
}
