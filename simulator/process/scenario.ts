/**
 * The teaching scenario of an adaptive milling process: which phase an event stands in, what that phase expects, and which
 * fault the script has at each event. Figures: the published run of 240 events that this machine type reproduces.
 */
export const phaseNames = ['warmup', 'roughing', 'finishing', 'inspection'] as const;
export type PhaseName = (typeof phaseNames)[number];

export const faultLabels = ['chatter', 'tool_wear', 'thermal_drift', 'feed_mismatch', 'sensor_dropout'] as const;
export type FaultLabel = (typeof faultLabels)[number];
export type Label = FaultLabel | 'normal';

export interface Expectation {
  readonly phase: PhaseName;
  readonly loadPct: number;
  readonly temperatureC: number;
  readonly spindleSpeedRpm: number;
  readonly feedMmPerMin: number;
  readonly vibrationMmPerS: number;
}

/** Events in one part, and where in it each phase ends. */
const eventsPerPart = 180;
const phaseEnds: readonly (readonly [PhaseName, number])[] = [
  ['warmup', 28],
  ['roughing', 100],
  ['finishing', 156],
  ['inspection', eventsPerPart],
];

export function phaseAt(sequence: number): PhaseName {
  const position = sequence % eventsPerPart;
  return phaseEnds.find(([, end]) => position < end)![0];
}

export function expectationAt(sequence: number): Expectation {
  const phase = phaseAt(sequence);
  const wave = Math.sin(sequence / 11);
  switch (phase) {
    case 'warmup':
      return expectation(phase, 28 + 2 * wave, 28 + 0.12 * (sequence % 20), [4500, 340, 0.18]);
    case 'roughing':
      return expectation(phase, 62 + 4.5 * wave, 43 + 1.2 * wave, [7800, 820, 0.42]);
    case 'finishing':
      return expectation(phase, 43 + 2.5 * wave, 38 + 0.8 * wave, [9200, 520, 0.28]);
    case 'inspection':
      return expectation(phase, 18 + wave, 32 + 0.4 * wave, [2500, 140, 0.12]);
  }
}

/** First and last event of each scripted fault. */
const script: readonly (readonly [FaultLabel, number, number])[] = [
  ['chatter', 46, 54],
  ['tool_wear', 91, 108],
  ['thermal_drift', 137, 153],
  ['feed_mismatch', 174, 180],
  ['sensor_dropout', 208, 213],
];
const scriptEnd = 235;

/** Past the script one uniform draw decides: `draw` is called exactly then, so that the order of draws is the published one. */
export function labelAt(sequence: number, draw: () => number): Label {
  if (sequence <= scriptEnd) {
    return script.find(([, first, last]) => sequence >= first && sequence <= last)?.[0] ?? 'normal';
  }
  const u = draw();
  if (u < 0.018) return 'chatter';
  if (u < 0.032) return 'thermal_drift';
  return u < 0.044 ? 'feed_mismatch' : 'normal';
}

type Nominal = readonly [spindleSpeedRpm: number, feedMmPerMin: number, vibrationMmPerS: number];

function expectation(phase: PhaseName, loadPct: number, temperatureC: number, nominal: Nominal): Expectation {
  const [spindleSpeedRpm, feedMmPerMin, vibrationMmPerS] = nominal;
  return { phase, loadPct, temperatureC, spindleSpeedRpm, feedMmPerMin, vibrationMmPerS };
}
