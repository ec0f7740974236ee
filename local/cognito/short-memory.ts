import { randomUUID } from 'node:crypto';

/** Things that hold for a while, by names that nobody can guess: codes, sessions. */
export interface ShortMemory<T> {
  keep(value: T): string;
  find(name: string): T | undefined;
  /** Finds it for the last time. */
  take(name: string): T | undefined;
}

const mostKept = 10_000;

export function createShortMemory<T>(keptMs: number, nowMs: () => number): ShortMemory<T> {
  const kept = new Map<string, { readonly value: T; readonly untilMs: number }>();
  const find = (name: string): T | undefined => {
    const found = kept.get(name);
    return found !== undefined && found.untilMs > nowMs() ? found.value : undefined;
  };
  return {
    keep: (value) => {
      // The oldest comes first.
      if (kept.size >= mostKept) kept.delete(kept.keys().next().value!);
      const name = randomUUID();
      kept.set(name, { value, untilMs: nowMs() + keptMs });
      return name;
    },
    find,
    take: (name) => {
      const found = find(name);
      kept.delete(name);
      return found;
    },
  };
}
