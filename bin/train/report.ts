import type { ClassificationScores } from '../../core/learning/classification.ts';
import type { LabelUsage } from './found-states.ts';
import type { LifeScores } from './life-scores.ts';

/** What a training run says about its model, beside the one in force. */
export interface TrainingReport {
  readonly machineType: string;
  /** Of the model this is about, promoted or not. */
  readonly modelVersion: string;
  readonly source: string;
  readonly seed: number;
  /** What people's findings gave; absent where no file of them was named. */
  readonly labels?: LabelUsage;
  readonly trainedOn: { readonly units: number; readonly rows: number; readonly sha256: string };
  readonly evaluatedOn: { readonly units: number; readonly rows: number };
  readonly states: ClassificationScores;
  /** Where the simulator can add chaos; null elsewhere. */
  readonly withChaos: ClassificationScores | null;
  readonly inForce: { readonly version: string; readonly states: ClassificationScores } | null;
  readonly importance: readonly { readonly feature: string; readonly share: number }[];
  /** Remaining life by the same signals; null where the data name none. */
  readonly remainingLife: LifeScores | null;
  readonly promoted: boolean;
  readonly verdict: string;
}

export const tellLabels = ({ given, used, samples }: LabelUsage): string =>
  `findings: ${given} labels of this type, ${used} of them met ${samples.HEALTHY} samples as HEALTHY and ${samples.faulty} as faulty`;

const shownFeatures = 12;

export function renderHtml(report: TrainingReport): string {
  const { states, withChaos, inForce, remainingLife } = report;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escapeHtml(report.machineType)}: training report</title>
<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2733}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.3rem .8rem;border:1px solid #ccd5df;text-align:right}
th{background:#f3f6f9}td:first-child,th:first-child{text-align:left}svg{max-width:100%}
</style>
<h1>${escapeHtml(report.machineType)}: training report</h1>
<p>${escapeHtml(report.verdict)}</p>
<p>${report.trainedOn.units} units (${report.trainedOn.rows} samples) from ${escapeHtml(report.source)}, seed ${report.seed}; judged on
${report.evaluatedOn.units} units it never saw (${report.evaluatedOn.rows} samples). Data SHA-256 ${report.trainedOn.sha256}.</p>
${report.labels === undefined ? '' : `<p>${escapeHtml(tellLabels(report.labels))}.</p>\n`}<h2>States</h2>${renderStates(states)}
${inForce === null ? '' : `<h2>The model in force (${escapeHtml(inForce.version)}) on the same units</h2>${renderStates(inForce.states)}`}
${withChaos === null ? '' : `<h2>States with chaos on</h2>${renderStates(withChaos)}`}
<h2>Calibration</h2><p>Expected calibration error ${states.calibrationError.toFixed(3)}</p>${renderCalibration(states)}
<h2>What it looks at</h2>${renderBars(report.importance.slice(0, shownFeatures))}
${remainingLife === null ? '' : renderLife(remainingLife)}
</html>
`;
}

function renderStates(scores: ClassificationScores): string {
  const head = scores.classes.map((name) => `<th>said ${escapeHtml(name)}</th>`).join('');
  const rows = scores.classes.map((name, k) => {
    const all = Math.max(
      1,
      scores.confusion[k]!.reduce((sum, n) => sum + n, 0),
    );
    const cells = scores.confusion[k]!.map((n) => `<td style="background:${shade(n / all)}">${n}</td>`).join('');
    const figures = [scores.precision[k]!, scores.recall[k]!, scores.f1[k]!]
      .map((v) => `<td>${v.toFixed(3)}</td>`)
      .join('');
    return `<tr><td>${escapeHtml(name)}</td>${cells}${figures}</tr>`;
  });
  return `<p>Macro F1 ${scores.macroF1.toFixed(3)}, accuracy ${scores.accuracy.toFixed(3)}</p>
<table><tr><th>truth</th>${head}<th>precision</th><th>recall</th><th>F1</th></tr>${rows.join('')}</table>`;
}

/** Light to dark blue by the share of the true state's samples; the numbers stay readable on it. */
const shade = (share: number): string => `rgba(23,105,170,${(0.55 * share).toFixed(3)})`;

/** What was said against what was right; on the diagonal, probabilities mean what they say. */
function renderCalibration({ calibration }: ClassificationScores): string {
  const dots = calibration
    .map(
      ({ said, right, rows }) =>
        `<circle cx="${at(said)}" cy="${at(1 - right)}" r="4"><title>${rows} samples</title></circle>`,
    )
    .join('');
  return `<svg viewBox="0 0 240 240" width="240" role="img" aria-label="calibration"><rect x="20" y="20" width="200" height="200"
fill="none" stroke="#ccd5df"/><line x1="20" y1="220" x2="220" y2="20" stroke="#8fa3b8" stroke-dasharray="4"/><g fill="#1769aa">${dots}</g>
<g font-size="10"><text x="18" y="232" text-anchor="middle">0</text><text x="220" y="232" text-anchor="middle">1</text><text x="14" y="24" text-anchor="end">1</text></g>
<text x="120" y="236" font-size="11" text-anchor="middle">probability said</text><text x="12" y="120" font-size="11" transform="rotate(-90 12 120)" text-anchor="middle">share right</text></svg>`;
}

const at = (share: number): string => (20 + 200 * share).toFixed(1);

function renderBars(importance: TrainingReport['importance']): string {
  const most = Math.max(...importance.map(({ share }) => share), 1e-9);
  const bars = importance.map(({ feature, share }, i) => {
    const y = i * 20;
    return `<text x="0" y="${y + 14}" font-size="12">${escapeHtml(feature)}</text><rect x="340" y="${y + 3}" width="${((300 * share) / most).toFixed(1)}" height="13" fill="#1769aa"/>`;
  });
  return `<svg viewBox="0 0 660 ${importance.length * 20}" width="660" role="img" aria-label="importance">${bars.join('')}</svg>`;
}

function renderLife({ rmseHours, coverage90, meanWidth90Hours, constantRmseHours, rows, shown }: LifeScores): string {
  return `<h2>Remaining life</h2><table><tr><th>figure</th><th>value</th></tr>
<tr><td>error (RMSE)</td><td>${rmseHours.toFixed(2)} h</td></tr><tr><td>error of always saying the mean</td><td>${constantRmseHours.toFixed(2)} h</td></tr>
<tr><td>coverage of the 90 % interval</td><td>${coverage90.toFixed(3)}</td></tr><tr><td>its mean width</td><td>${meanWidth90Hours.toFixed(2)} h</td></tr>
<tr><td>samples judged</td><td>${rows}</td></tr></table>${renderFan(shown)}`;
}

/** Each bar is an interval, each dot its median, against the truth; on the dashed line a forecast is right. */
function renderFan(shown: LifeScores['shown']): string {
  const most = shown.reduce((high, { trueHours, upperHours }) => Math.max(high, trueHours, upperHours), 1e-9);
  const x = (hours: number): string => (60 + (hours / most) * 480).toFixed(1);
  const y = (hours: number): string => (340 - (hours / most) * 320).toFixed(1);
  const bars = shown.map(
    ({ trueHours, lowerHours, upperHours }) =>
      `<line x1="${x(trueHours)}" x2="${x(trueHours)}" y1="${y(lowerHours)}" y2="${y(upperHours)}"/>`,
  );
  const dots = shown.map(({ trueHours, saidHours }) => `<circle cx="${x(trueHours)}" cy="${y(saidHours)}" r="2.5"/>`);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const hours = share * most;
    const text = hours.toPrecision(2);
    return `<text x="${x(hours)}" y="358" text-anchor="middle">${text}</text><text x="52" y="${y(hours)}" text-anchor="end" dy="4">${text}</text>`;
  });
  return `<svg viewBox="0 0 560 390" width="560" role="img" aria-label="remaining life, said against true" font-size="11">
<path d="M60 20V340H540" fill="none" stroke="#8fa3b8"/><line x1="60" y1="340" x2="540" y2="20" stroke="#8fa3b8" stroke-dasharray="4"/>
<g stroke="#9cc3e0" stroke-width="2">${bars.join('')}</g><g fill="#1769aa">${dots.join('')}</g><g fill="#1c2733">${ticks.join('')}
<text x="300" y="380" text-anchor="middle">true hours left</text><text x="14" y="180" transform="rotate(-90 14 180)" text-anchor="middle">said hours, P5 to P95</text></g></svg>`;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
