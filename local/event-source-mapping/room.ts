/**
 * Room on the way to the functions. A function that is behind would let the stream grow by minutes of records while every
 * machine is told that all is well; so what comes in waits until the backlog is short again, and QoS 1 slows the
 * machines. Nobody waits longer than a moment: a function that stands still must not stop the stream from
 * taking in, since there the records are safe.
 */
export interface Room {
  /** Null when there is room now; else resolves when there is, or after the longest wait. */
  wait(): Promise<void> | null;
  /** To be called when records are done with. */
  noteProgress(): void;
}

export interface RoomOptions {
  countWaiting(): number;
  readonly maxWaiting: number;
  readonly longestWaitMs: number;
}

export function createRoom({ countWaiting, maxWaiting, longestWaitMs }: RoomOptions): Room {
  let opened: Promise<void> | null = null;
  let open = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const release = (): void => {
    clearTimeout(timer);
    opened = null;
    open();
  };
  return {
    wait: () => {
      if (opened === null && countWaiting() < maxWaiting) return null;
      opened ??= new Promise((done) => {
        open = done;
        timer = setTimeout(release, longestWaitMs);
      });
      return opened;
    },
    noteProgress: () => {
      if (opened !== null && countWaiting() < maxWaiting) release();
    },
  };
}
