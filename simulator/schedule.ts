/** Brings many machines' deliveries into one order of time, and plays them at a chosen speed. */

interface Timed {
  readonly publishAtMs: number;
}

interface Head<T> {
  item: T;
  readonly index: number;
  readonly source: Iterator<T>;
}

/**
 * Merges sources that are each in order of time, by a binary heap of their heads; equal times keep the order of the sources,
 * so the result depends on nothing but its input.
 */
export function* mergeByTime<T extends Timed>(sources: Iterable<Iterator<T>>): Generator<T> {
  const heap: Head<T>[] = [];
  let index = 0;
  for (const source of sources) {
    const first = source.next();
    // Appended in the order of the sources and then sifted from the last parent up: a heap in linear time.
    if (first.done !== true) heap.push({ item: first.value, index, source });
    index++;
  }
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) siftDown(heap, i);
  while (heap.length > 0) {
    const top = heap[0]!;
    yield top.item;
    const following = top.source.next();
    if (following.done === true) {
      const last = heap.pop()!;
      if (heap.length > 0) heap[0] = last;
    } else {
      top.item = following.value;
    }
    siftDown(heap, 0);
  }
}

function siftDown<T extends Timed>(heap: Head<T>[], start: number): void {
  const moving = heap[start];
  if (moving === undefined) return;
  let i = start;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, moving)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = moving;
}

function isBefore<T extends Timed>(a: Head<T>, b: Head<T>): boolean {
  const difference = a.item.publishAtMs - b.item.publishAtMs;
  return difference < 0 || (difference === 0 && a.index < b.index);
}

export interface Playback {
  /** Simulated seconds in a real one; Infinity as fast as it goes. */
  readonly speed: number;
  readonly signal: AbortSignal;
}

/** At full speed, this many at once: enough to make waiting cheap, few enough to stop quickly. */
const burst = 512;

/** Gives what is due together; ends early, without an error, when the signal says so. */
export async function* play<T extends Timed>(deliveries: Iterator<T>, playback: Playback): AsyncGenerator<T[]> {
  const { speed, signal } = playback;
  const startedAtMs = performance.now();
  let firstMs = Number.NaN;
  let next = deliveries.next();
  while (next.done !== true && !signal.aborted) {
    if (Number.isNaN(firstMs)) firstMs = next.value.publishAtMs;
    const dueInMs = (next.value.publishAtMs - firstMs) / speed - (performance.now() - startedAtMs);
    if (dueInMs > 0 && Number.isFinite(speed)) {
      await sleep(dueInMs, signal);
      continue;
    }
    const nowMs = Number.isFinite(speed) ? firstMs + (performance.now() - startedAtMs) * speed : speed;
    const due: T[] = [];
    while (next.done !== true && due.length < burst && next.value.publishAtMs <= nowMs) {
      due.push(next.value);
      next = deliveries.next();
    }
    yield due;
  }
}

/** Longest that setTimeout can count. */
const longestTimeoutMs = 2_147_483_647;

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, Math.min(Math.ceil(ms), longestTimeoutMs));
    signal.addEventListener('abort', wake);
  });
}
