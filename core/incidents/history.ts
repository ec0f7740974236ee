/**
 * An incident's history as a chain: each entry's seal covers its content and the seal before it, so that a changed,
 * removed or inserted entry shows. It proves order and completeness up to the last seal, not who wrote: whoever can
 * replace the whole chain can forge it. The hash comes from outside, because the core knows no crypto library.
 */
export type Hash = (text: string) => string;

export interface HistoryEntry {
  readonly incidentId: string;
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly atMs: number;
  readonly by: string;
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly previousSeal: string;
  readonly seal: string;
}

export type Unsealed = Omit<HistoryEntry, 'seal'>;

export const sealEntry = (entry: Unsealed, hash: Hash): HistoryEntry => ({ ...entry, seal: hash(canonical(entry)) });

/** Null where the chain holds, else the sentence that says where it breaks. */
export function findBreak(entries: readonly HistoryEntry[], hash: Hash): string | null {
  let previousSeal = '';
  for (const [i, { seal, ...entry }] of entries.entries()) {
    if (entry.sequence !== i + 1) return `entry ${i + 1} of ${entry.incidentId} is missing: found ${entry.sequence}`;
    if (entry.previousSeal !== previousSeal) return `entry ${entry.sequence} does not follow the one before it`;
    if (hash(canonical(entry)) !== seal) return `entry ${entry.sequence} was changed after it was written`;
    previousSeal = seal;
  }
  return null;
}

/** The same text whatever order a store gives the fields back in. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join()}}`;
}
