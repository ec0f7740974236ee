/**
 * ISO timestamps for streams that move forward: the second's text is kept, so that most samples cost two joins instead of a
 * calendar calculation. Same text as `Date.toISOString`.
 */
export function createTimestampFormatter(): (atMs: number) => string {
  let second = Number.NaN;
  let prefix = '';
  return (atMs) => {
    const wholeMs = Math.trunc(atMs);
    const milliseconds = ((wholeMs % 1000) + 1000) % 1000;
    if (wholeMs - milliseconds !== second) {
      second = wholeMs - milliseconds;
      prefix = new Date(second).toISOString().slice(0, -4);
    }
    return prefix + millisecondTexts[milliseconds]!;
  };
}

const millisecondTexts = Array.from({ length: 1000 }, (_, ms) => `${String(ms).padStart(3, '0')}Z`);
