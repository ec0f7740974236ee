/** How a classifier did: rows of the confusion matrix are the truth, columns what was said. */
export interface ClassificationScores {
  readonly classes: readonly string[];
  readonly confusion: readonly (readonly number[])[];
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly f1: readonly number[];
  readonly macroF1: number;
  readonly accuracy: number;
  /** Expected calibration error over ten steps of the winner's probability (Naeini et al. 2015). */
  readonly calibrationError: number;
  readonly calibration: readonly { readonly said: number; readonly right: number; readonly rows: number }[];
}

export interface Verdict {
  readonly truth: number;
  readonly said: number;
  readonly probability: number;
}

const calibrationSteps = 10;

export function scoreClasses(classes: readonly string[], verdicts: readonly Verdict[]): ClassificationScores {
  const confusion = classes.map(() => classes.map(() => 0));
  for (const { truth, said } of verdicts) confusion[truth]![said]!++;
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const column = (k: number): number => sum(confusion.map((row) => row[k]!));
  const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
  const precision = classes.map((_, k) => ratio(confusion[k]![k]!, column(k)));
  const recall = classes.map((_, k) => ratio(confusion[k]![k]!, sum(confusion[k]!)));
  const f1 = classes.map((_, k) => ratio(2 * precision[k]! * recall[k]!, precision[k]! + recall[k]!));
  const present = classes.map((_, k) => k).filter((k) => sum(confusion[k]!) + column(k) > 0);
  const calibration = calibrate(verdicts);
  return {
    classes,
    confusion,
    precision,
    recall,
    f1,
    macroF1: ratio(sum(present.map((k) => f1[k]!)), present.length),
    accuracy: ratio(sum(classes.map((_, k) => confusion[k]![k]!)), verdicts.length),
    calibration,
    calibrationError: sum(
      calibration.map(({ said, right, rows }) => ratio(rows * Math.abs(said - right), verdicts.length)),
    ),
  };
}

function calibrate(verdicts: readonly Verdict[]): ClassificationScores['calibration'] {
  const stepOf = ({ probability }: Verdict): number =>
    Math.min(calibrationSteps - 1, Math.floor(probability * calibrationSteps));
  const steps = Array.from({ length: calibrationSteps }, (_, step) => verdicts.filter((v) => stepOf(v) === step));
  return steps
    .filter((rows) => rows.length > 0)
    .map((rows) => ({
      said: rows.reduce((sum, { probability }) => sum + probability, 0) / rows.length,
      right: rows.filter(({ truth, said }) => truth === said).length / rows.length,
      rows: rows.length,
    }));
}
