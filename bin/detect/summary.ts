import type { Advice, Observation } from '../../core/detection/observation.ts';

type Counts = Record<string, number>;

interface MachineSummary {
  readonly machineType: string;
  samples: number;
  firstMs: number;
  lastMs: number;
  health: number;
  lowestHealth: number;
  /** The last word. */
  advice: Advice | null;
  /** Codes whose checks had not seen enough of the machine by the end. */
  warmingUp: readonly string[];
  readonly dispositions: Counts;
  readonly severities: Counts;
  readonly codes: Counts;
  readonly decisions: Counts;
  readonly episodes: {
    code: string;
    severity: string;
    openedAt: string;
    cause: string | null;
    component: string | null;
  }[];
}

/** What a recording comes to, per machine. */
export class Summary {
  private readonly machines = new Map<string, MachineSummary>();
  private refused = 0;

  /** How many by now. */
  refuse(): number {
    return ++this.refused;
  }

  get refusedCount(): number {
    return this.refused;
  }

  get isEmpty(): boolean {
    return this.machines.size === 0;
  }

  /** Whether it is this machine's first. */
  add(seen: Observation): boolean {
    const isFirst = !this.machines.has(seen.machineId);
    const machine = this.machineOf(seen);
    machine.samples++;
    machine.lastMs = Math.max(machine.lastMs, seen.sampledAtMs);
    count(machine.dispositions, seen.disposition);
    if (seen.disposition !== 'used') return isFirst;
    machine.health = seen.health.machine;
    machine.advice = seen.advice;
    machine.warmingUp = seen.warmingUp ?? [];
    machine.lowestHealth = Math.min(machine.lowestHealth, seen.health.machine);
    count(machine.severities, seen.severity);
    count(machine.decisions, seen.advice.decision);
    for (const { code } of seen.findings) count(machine.codes, code);
    for (const { kind, code, severity } of seen.transitions) {
      if (kind !== 'opened') continue;
      const { failureMode: cause = null, component = null } = seen.causes[0] ?? {};
      machine.episodes.push({ code, severity, openedAt: new Date(seen.sampledAtMs).toISOString(), cause, component });
    }
    return isFirst;
  }

  toJson(): unknown {
    const machines = [...this.machines].map(([machineId, { firstMs, lastMs, ...rest }]) => ({
      machineId,
      from: new Date(firstMs).toISOString(),
      to: new Date(lastMs).toISOString(),
      ...rest,
    }));
    return { refused: this.refused, machines };
  }

  toText(): string {
    const parts = [...this.machines].map(([machineId, m]) => describeMachine(machineId, m));
    const refused = this.refused > 0 ? [`${this.refused} refused (see above)`] : [];
    return [...parts, ...refused].join('\n\n');
  }

  private machineOf(seen: Observation): MachineSummary {
    let machine = this.machines.get(seen.machineId);
    if (machine === undefined) {
      machine = {
        machineType: seen.machineType,
        samples: 0,
        firstMs: seen.sampledAtMs,
        lastMs: seen.sampledAtMs,
        health: 100,
        lowestHealth: 100,
        advice: null,
        warmingUp: [],
        dispositions: {},
        severities: {},
        codes: {},
        decisions: {},
        episodes: [],
      };
      this.machines.set(seen.machineId, machine);
    }
    return machine;
  }
}

function count(counts: Counts, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function describeMachine(machineId: string, m: MachineSummary): string {
  const list = (counts: Counts): string =>
    Object.entries(counts)
      .sort(([, a], [, b]) => b - a)
      .map(([key, n]) => `${key} ${n}`)
      .join(', ') || 'none';
  const episodes = m.episodes.map(
    (e) =>
      `  episode    ${e.openedAt}  ${e.code} (${e.severity})${e.cause === null ? '' : `, cause ${e.cause} at ${e.component}`}`,
  );
  return [
    `${machineId} (${m.machineType}): ${m.samples} samples, ${new Date(m.firstMs).toISOString()} to ${new Date(m.lastMs).toISOString()}`,
    `  health     ${m.health} at the end, ${m.lowestHealth} at the lowest`,
    `  samples    ${list(m.dispositions)}`,
    `  severity   ${list(m.severities)}`,
    `  decision   ${list(m.decisions)}`,
    `  codes      ${list(m.codes)}`,
    ...episodes,
    ...(m.warmingUp.length === 0 ? [] : [`  warming up ${m.warmingUp.join(', ')}`]),
    ...(m.advice === null ? [] : [`  at the end ${describeAdvice(m.advice)}`]),
  ].join('\n');
}

function describeAdvice({ decision, action, requiredCheck }: Advice): string {
  return decision === 'proceed' ? decision : `${decision}: ${action}; check first: ${requiredCheck}`;
}
