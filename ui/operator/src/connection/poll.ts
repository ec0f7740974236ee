export interface Poll<T> {
  readonly everyMs: number;
  readonly ask: () => Promise<T>;
  readonly onValue: (value: T) => void;
  readonly onProblem: (error: unknown) => void;
  readonly isHidden: () => boolean;
}

export interface Polling {
  /** Asks at once, and where an answer is on its way, once more after it: that one may be of before. */
  readonly goOn: () => void;
  readonly stop: () => void;
}

const longestPauseMs = 10_000;

/** Asks again and again, never twice at once; pauses while the page is hidden, and waits longer after each failure. */
export function startPolling<T>({ everyMs, ask, onValue, onProblem, isHidden }: Poll<T>): Polling {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let isAsking = false;
  let isWanted = false;
  let isOver = false;
  const round = async (): Promise<void> => {
    isAsking = true;
    isWanted = false;
    try {
      const value = await ask();
      failures = 0;
      if (!isOver) onValue(value);
    } catch (error) {
      failures++;
      if (!isOver) onProblem(error);
    }
    isAsking = false;
    if (isOver) return;
    if (isWanted) void round();
    else timer = setTimeout(next, Math.min(longestPauseMs, everyMs * 2 ** failures));
  };
  const next = (): void => {
    if (isHidden()) timer = setTimeout(next, everyMs);
    else void round();
  };
  void round();
  return {
    goOn: () => {
      clearTimeout(timer);
      failures = 0;
      if (isAsking) isWanted = true;
      else void round();
    },
    stop: () => {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
