import type { Evidence, Observation } from '../../core/detection/observation.ts';

/** One observation as a line for programs: snake_case as the telemetry is. */
export function formatJson(seen: Observation): string {
  return JSON.stringify({
    timestamp: new Date(seen.sampledAtMs).toISOString(),
    machine_id: seen.machineId,
    machine_type: seen.machineType,
    sequence: seen.sequence,
    phase: seen.phase,
    disposition: seen.disposition,
    codes: seen.findings.map((finding) => finding.code),
    severity: seen.severity,
    health: seen.health.machine,
    component_health: seen.health.components,
    decision: seen.advice.decision,
    action: seen.advice.action,
    required_check: seen.advice.requiredCheck,
    rationale: seen.advice.rationale,
    confidence: seen.advice.confidence,
    causes: seen.causes,
    evidence: seen.findings.flatMap(({ code, component, severity, detector, evidence }) =>
      evidence.map((e) => ({ code, component, severity, detector, ...e })),
    ),
    episodes: seen.transitions,
    warming_up: seen.warmingUp,
  });
}

const columns = [
  ['time', 24],
  ['machine', 14],
  ['sequence', 8],
  ['phase', 12],
  ['severity', 8],
  ['health', 6],
  ['decision', 21],
  ['codes', 0],
] as const;

const layOut = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => cell.padEnd(columns[i]![1]))
    .join(' ')
    .trimEnd();

export const tableHeader = (): string => layOut(columns.map(([title]) => title));

/** The line of a person, and below it what the codes rest on and what became of their episodes. */
export function formatReadable(seen: Observation, isFirst = false): string {
  const codes = seen.disposition === 'used' ? seen.findings.map((f) => f.code).join(', ') : seen.disposition;
  const line = layOut([
    new Date(seen.sampledAtMs).toISOString(),
    seen.machineId,
    seen.sequence === null ? '–' : String(seen.sequence),
    seen.phase ?? '–',
    seen.severity,
    String(seen.health.machine),
    seen.advice.decision,
    codes || '–',
  ]);
  const evidence = seen.findings.flatMap((f) => f.evidence.map((e) => `    ${f.code}: ${describeEvidence(e)}`));
  const cause = seen.causes[0];
  const causes = cause === undefined ? [] : [`    cause: ${describeCauses(seen)}`];
  const episodes = seen.transitions.map((t) => `    episode ${t.kind}: ${t.code} (${t.severity})`);
  const isWorse = seen.transitions.some(({ kind }) => kind !== 'cleared');
  const warmingUp = seen.warmingUp ?? [];
  const start =
    isFirst && warmingUp.length > 0 ? [`    warming up: ${warmingUp.join(', ')}; all others already speak`] : [];
  return [line, ...start, ...evidence, ...causes, ...episodes, ...(isWorse ? describeAdvice(seen) : [])].join('\n');
}

/** What to do, told once when an episode opens or worsens. */
function describeAdvice({ advice }: Observation): string[] {
  if (advice.decision === 'proceed' || advice.decision === 'watch') return [];
  return [
    `    do: ${advice.action} (confidence ${Math.round(advice.confidence * 100)} %)`,
    `    check first: ${advice.requiredCheck}`,
  ];
}

const describeCauses = (seen: Observation): string =>
  seen.causes.map((c) => `${c.failureMode} at ${c.component} ${Math.round(c.weight * 100)} %`).join(', ');

/** In brackets the detector and its score, 1 being its own limit: a smoothed one may stand above while the value is within. */
function describeEvidence({ signal, unit, observed, expected, limit, quality, ageMs, ...rest }: Evidence): string {
  const place = rest.part === undefined ? '' : ` of ${rest.part}`;
  const parts = [`${signal}${place} ${observed === null ? 'missing' : `${shorten(observed)} ${unit}`}`];
  if (expected !== null) parts.push(`expected ${shorten(expected)}`);
  if (limit?.min !== undefined) parts.push(`at least ${shorten(limit.min)}`);
  if (limit?.max !== undefined) parts.push(`at most ${shorten(limit.max)}`);
  if (quality !== 'good') parts.push(quality);
  if (ageMs > 0) parts.push(`${Math.round(ageMs / 1000)} s old`);
  const { score, detector } = rest;
  return parts.join(', ') + (detector === undefined ? '' : ` [${detector.name} ${shorten(Math.abs(score ?? 0), 3)}]`);
}

const shorten = (value: number, digits = 5): string => String(Number(value.toPrecision(digits)));
