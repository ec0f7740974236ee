/**
 * How unusual a score is beside the detector's own past: scores of different detectors on different signals become
 * comparable, so that they can be added up.
 * Formula: (score − mean) / (deviation + `meanFloorShare` · mean), decayed; 0 until `minScores` were seen.
 */
export interface ScoreHistory {
  scores: number;
  mean: number;
  variance: number;
}

/** Assumptions. */
const minScores = 100;
const decay = 0.001;
const meanFloorShare = 0.1;
/** One score counts as at most so many deviations: a fault must not teach that faults are usual. */
const clipDeviations = 8;

export const beginHistory = (): ScoreHistory => ({ scores: 0, mean: 0, variance: 0 });

export const hasHistory = (history: ScoreHistory): boolean => history.scores >= minScores;

/** In deviations, 0 for what is usual or less; the score joins the history. */
export function surpriseOf(history: ScoreHistory, score: number): number {
  const known = hasHistory(history);
  const deviation = Math.sqrt(history.variance);
  const unit = deviation + meanFloorShare * Math.abs(history.mean) + 1e-9;
  const surprise = known ? Math.max(0, (score - history.mean) / unit) : 0;
  learn(history, known ? Math.min(score, history.mean + clipDeviations * deviation + 1e-9) : score);
  return surprise;
}

function learn(history: ScoreHistory, score: number): void {
  history.scores++;
  const weight = Math.max(decay, 1 / history.scores);
  const change = score - history.mean;
  history.mean += weight * change;
  history.variance = (1 - weight) * (history.variance + weight * change * change);
}
