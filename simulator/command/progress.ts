/** What a long run tells on stderr: one line that renews itself on a terminal, a plain line now and then elsewhere. */
export interface ProgressFacts {
  readonly machines: number;
  readonly sampled: number;
  readonly acknowledged: number;
  readonly queued: number;
  readonly simulatedMs: number;
  readonly activeFaults: readonly string[];
  readonly link: string;
}

export interface ProgressScreen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const terminalEveryMs = 500;
const plainEveryMs = 5000;

export class Progress {
  private readonly screen: ProgressScreen;
  private readonly readFacts: () => ProgressFacts;
  private timer: NodeJS.Timeout | undefined;
  private lastSampled = 0;
  private lastAtMs = 0;

  constructor(screen: ProgressScreen, readFacts: () => ProgressFacts) {
    this.screen = screen;
    this.readFacts = readFacts;
  }

  start(): void {
    this.lastAtMs = performance.now();
    const everyMs = this.screen.isTTY === true ? terminalEveryMs : plainEveryMs;
    this.timer = setInterval(() => this.show(), everyMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    if (this.screen.isTTY === true) this.screen.write('\r\u001b[K');
  }

  private show(): void {
    const facts = this.readFacts();
    const nowMs = performance.now();
    const perSecond = ((facts.sampled - this.lastSampled) * 1000) / Math.max(1, nowMs - this.lastAtMs);
    this.lastSampled = facts.sampled;
    this.lastAtMs = nowMs;
    const line = formatProgress(facts, perSecond);
    if (this.screen.isTTY === true) this.screen.write(`\r\u001b[K${line.slice(0, (this.screen.columns ?? 80) - 1)}`);
    else this.screen.write(`${line}\n`);
  }
}

const maxFaultsNamed = 3;

export function formatProgress(facts: ProgressFacts, perSecond: number): string {
  const { machines, sampled, acknowledged, queued, simulatedMs, activeFaults, link } = facts;
  const named = activeFaults.slice(0, maxFaultsNamed).join(', ');
  const more = activeFaults.length > maxFaultsNamed ? ` and ${activeFaults.length - maxFaultsNamed} more` : '';
  const parts = [
    `${machines} machine${machines === 1 ? '' : 's'}`,
    `${formatElapsed(simulatedMs)} simulated`,
    `${sampled} samples (${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s)`,
    `${acknowledged} acknowledged`,
    ...(queued > 0 ? [`${queued} queued`] : []),
    ...(link === '' ? [] : [link]),
    `faults: ${named || 'none'}${more}`,
  ];
  return parts.join(' · ');
}

function formatElapsed(ms: number): string {
  const totalS = Math.floor(ms / 1000);
  const [h, m, s] = [Math.floor(totalS / 3600), Math.floor(totalS / 60) % 60, totalS % 60];
  return [h, m, s].map((part) => String(part).padStart(2, '0')).join(':');
}
