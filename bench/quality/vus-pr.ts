import { findSpans } from './recording.ts';

/**
 * Volume under the surface of precision over recall and buffer length: how well scores rank faulty rows, forgiving a label
 * that is a little early or late, without a threshold. For each buffer the labels get shoulders falling as
 * √(1 − distance/buffer); recall is the caught label mass over the mean of original and shouldered mass, times the share
 * of episodes met at all. 250 thresholds.
 * Source: Paparrizos et al., Volume Under the Surface (VLDB 2022) and its published reference computation; buffers are
 * taken in ten steps instead of row by row.
 */
const thresholds = 250;
const bufferSteps = 10;

export function volumeUnderPrCurve(labels: Uint8Array, scores: Float64Array, bufferRows: number): number {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
  let sum = 0;
  for (let step = 0; step <= bufferSteps; step++) {
    sum += areaUnderRangePr(labels, scores, order, Math.round((bufferRows * step) / bufferSteps));
  }
  return sum / (bufferSteps + 1);
}

export function areaUnderRangePr(
  labels: Uint8Array,
  scores: Float64Array,
  order: Uint32Array,
  bufferRows: number,
): number {
  const soft = shoulderLabels(labels, bufferRows);
  const spans = findSpans(soft);
  const spanOf = new Int32Array(labels.length).fill(-1);
  spans.forEach((span, s) => {
    spanOf.fill(s, span.from, span.to);
  });
  const hard = labels.reduce((total, label) => total + label, 0);
  const positives = (hard + soft.reduce((total, label) => total + label, 0)) / 2;
  const met = new Set<number>();
  let caught = 0;
  let taken = 0;
  let area = 0;
  let lastRecall = 0;
  for (let k = 0; k < thresholds; k++) {
    const rank = Math.floor((k * (labels.length - 1)) / (thresholds - 1));
    const threshold = scores[order[rank]!]!;
    for (; taken < order.length && scores[order[taken]!]! >= threshold; taken++) {
      const row = order[taken]!;
      caught += soft[row]!;
      if (spanOf[row]! >= 0 && soft[row]! > 0) met.add(spanOf[row]!);
    }
    const recall = Math.min(caught / positives, 1) * (met.size / spans.length);
    const precision = caught / taken;
    // Steps, as average precision takes them: a constant score gets the share of faulty rows and no more.
    area += (recall - lastRecall) * precision;
    lastRecall = recall;
  }
  return area;
}

/** Labels with shoulders of half the buffer on both sides. */
export function shoulderLabels(labels: Uint8Array, bufferRows: number): Float64Array {
  const soft = Float64Array.from(labels);
  const reach = Math.floor(bufferRows / 2);
  for (const { from, to } of findSpans(labels)) {
    for (let distance = 1; distance <= reach; distance++) {
      const shoulder = Math.sqrt(1 - distance / bufferRows);
      // The reference counts the rows after from the last faulty one, so that its shoulder is one row shorter there.
      if (from - distance >= 0) soft[from - distance] = Math.min(1, soft[from - distance]! + shoulder);
      const after = to - 1 + distance;
      if (distance < reach && after < labels.length) soft[after] = Math.min(1, soft[after]! + shoulder);
    }
  }
  return soft;
}
