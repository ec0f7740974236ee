/** The faults of each machine type as a table for people; in JSON they stand under `scores.byType`. */
interface FaultScores {
  readonly episodes: number;
  readonly episodesDetected: number;
  readonly causeTop1: number;
  readonly decisionRight: number;
  readonly delayMedianS: number | null;
  readonly delayShareOfGrowthMedian: number;
  readonly delayShareOfGrowthP90: number;
}

export interface TypeScores {
  readonly normalDays: number;
  readonly falseAlarms: number;
  readonly byFault: Readonly<Record<string, FaultScores>>;
}

const header = ['machine type', 'fault', 'episodes', 'cause first', 'right advice', 'delay h', '% of growth', 'p90'];

export function formatFaults(byType: Readonly<Record<string, TypeScores>>): string {
  const rows = Object.entries(byType).flatMap(([type, { byFault }]) =>
    Object.entries(byFault).map(([fault, scores]) => [type, fault, ...cellsOf(scores)]),
  );
  const table = [header, ...rows];
  const widths = header.map((_, c) => Math.max(...table.map((row) => row[c]!.length)));
  const lines = table.map((row) => row.map((cell, c) => (c < 2 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))));
  const normal = Object.entries(byType).map(
    ([type, { normalDays, falseAlarms }]) =>
      `${type}: ${falseAlarms} false alarms in ${normalDays.toFixed(0)} machine-days`,
  );
  return [...lines.map((cells) => cells.join('  ')), '', ...normal].join('\n');
}

function cellsOf(s: FaultScores): string[] {
  const percent = (share: number): string => (100 * share).toFixed(1);
  return [
    `${s.episodesDetected}/${s.episodes}`,
    percent(s.causeTop1),
    percent(s.decisionRight),
    s.delayMedianS === null ? '–' : (s.delayMedianS / 3600).toFixed(1),
    percent(s.delayShareOfGrowthMedian),
    percent(s.delayShareOfGrowthP90),
  ];
}
