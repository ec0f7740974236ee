/** The bounding boxes of a random cut tree's nodes, in whole steps; a leaf's box is its point. */
export class Boxes {
  readonly dimensions: number;
  readonly low: Int32Array;
  readonly high: Int32Array;

  constructor(nodes: number, dimensions: number) {
    this.dimensions = dimensions;
    this.low = new Int32Array(nodes * dimensions);
    this.high = new Int32Array(nodes * dimensions);
  }

  set(node: number, source: ArrayLike<number>, offset: number): void {
    for (let d = 0, i = node * this.dimensions; d < this.dimensions; d++, i++) {
      this.low[i] = source[offset + d]!;
      this.high[i] = source[offset + d]!;
    }
  }

  pointOf(leaf: number): Int32Array {
    return this.low.subarray(leaf * this.dimensions, (leaf + 1) * this.dimensions);
  }

  /** The node's box becomes the smallest that holds both others. */
  join(node: number, left: number, right: number): void {
    const { low, high, dimensions } = this;
    let l = left * dimensions;
    let r = right * dimensions;
    for (let i = node * dimensions, end = i + dimensions; i < end; i++, l++, r++) {
      low[i] = Math.min(low[l]!, low[r]!);
      high[i] = Math.max(high[l]!, high[r]!);
    }
  }

  enlarge(node: number, leaf: number): void {
    const { low, high, dimensions } = this;
    let p = leaf * dimensions;
    for (let i = node * dimensions, end = i + dimensions; i < end; i++, p++) {
      if (low[p]! < low[i]!) low[i] = low[p]!;
      if (high[p]! > high[i]!) high[i] = high[p]!;
    }
  }

  /** How much the box's sides must grow, together, to hold the point. */
  growth(node: number, point: Int32Array): number {
    const { low, high, dimensions } = this;
    let growth = 0;
    for (let d = 0, i = node * dimensions; d < dimensions; d++, i++) {
      const value = point[d]!;
      if (value < low[i]!) growth += low[i]! - value;
      else if (value > high[i]!) growth += value - high[i]!;
    }
    return growth;
  }

  sideSum(node: number): number {
    const { low, high, dimensions } = this;
    let sum = 0;
    for (let i = node * dimensions, end = i + dimensions; i < end; i++) sum += high[i]! - low[i]!;
    return sum;
  }

  /** shares = kept·shares + weight·(the dimensions' parts of the growth at this node). */
  addShares(node: number, point: Int32Array, part: { weight: number; kept: number }, shares: Float64Array): void {
    const growth = this.growth(node, point);
    for (let d = 0, i = node * this.dimensions; d < this.dimensions; d++, i++) {
      const own = Math.max(0, this.low[i]! - point[d]!, point[d]! - this.high[i]!);
      shares[d] = part.kept * shares[d]! + (part.weight * own) / growth;
    }
  }
}
