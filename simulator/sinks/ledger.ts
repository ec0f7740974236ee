/** Where every sample went: sampled + carried over = acknowledged + queued + refused, always. Counts are samples, not messages. */
export interface Ledger {
  readonly sampled: number;
  /** Found in the outbox of an earlier run. */
  readonly carriedOver: number;
  readonly acknowledged: number;
  /** Kept on disk, not yet taken by the receiver. */
  readonly queued: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Not accounted for: anything but 0 is a fault of the simulator itself. */
  readonly difference: number;
}

/** A sink's running counts; the queue is the sink's own and counted by itself. */
export class LedgerBook {
  private sampled = 0;
  private carriedOver = 0;
  private acknowledged = 0;
  private readonly refusals = new Map<string, number>();

  sample(count: number): void {
    this.sampled += count;
  }

  carryOver(count: number): void {
    this.carriedOver += count;
  }

  acknowledge(count: number): void {
    this.acknowledged += count;
  }

  refuse(count: number, reason: string): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + count);
  }

  close(queued: number): Ledger {
    const { sampled, carriedOver, acknowledged } = this;
    const refused = Object.fromEntries(this.refusals);
    const difference = sampled + carriedOver - acknowledged - queued - countRefused(refused);
    return { sampled, carriedOver, acknowledged, queued, refused, difference };
  }
}

const countRefused = (refused: Ledger['refused']): number =>
  Object.values(refused).reduce((sum, count) => sum + count, 0);

/** Nothing lost, refused or left behind. */
export const isSettled = (ledger: Ledger): boolean =>
  ledger.queued === 0 && ledger.difference === 0 && countRefused(ledger.refused) === 0;

export function describeLedger(ledger: Ledger): string {
  const { sampled, carriedOver, acknowledged, queued, refused, difference } = ledger;
  const carried = carriedOver > 0 ? ` + ${carriedOver} carried over` : '';
  const reasons = Object.entries(refused).map(([reason, count]) => `${count} ${reason}`);
  const because = reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
  const sum = `${sampled} sampled${carried} = ${acknowledged} acknowledged + ${queued} queued + ${countRefused(refused)} refused`;
  return `${sum}${because}${difference === 0 ? '' : `; ${difference} UNACCOUNTED FOR`}`;
}
