import { vi } from 'vitest';

/** Waits for what others do: it ends as soon as the check holds, and gives a busy machine time. */
export const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 20_000, interval: 10 });
