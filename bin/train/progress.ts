/** Tells about once a second how far a count is and how long the rest will take at this pace. */
export function createCounter(what: string, tell: (line: string) => void): (done: number, of: number) => void {
  const startedMs = performance.now();
  let toldMs = startedMs;
  return (done, of) => {
    const nowMs = performance.now();
    if (done === 0 || nowMs - toldMs < 1000) return;
    toldMs = nowMs;
    const leftS = ((nowMs - startedMs) / done) * (of - done) * 0.001;
    tell(`${what} ${done} of ${of}, about ${Math.ceil(leftS)} s left`);
  };
}
