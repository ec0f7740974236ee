/** Runs so many at once; who comes later waits for a turn. */
export type Turns = <T>(run: () => Promise<T>) => Promise<T>;

/**
 * A gateway on AWS has a thousand invocations to spend, a laptop ten of a function: what would be throttled here and not
 * there waits instead, and leaves some to others. Three at once keep two cores busy; each further container takes 40 MB.
 */
export function createTurns(atOnce = 3): Turns {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((turn) => waiting.push(turn));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
