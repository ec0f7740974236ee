import { seedOfPart, uniformAt } from '../statistics/counter-random.ts';
import { Boxes } from './boxes.ts';

/**
 * One tree of a random cut forest: a time-biased sample of the stream, cut at random, kept up to date point by point.
 * Points are whole numbers (deviations in fixed steps): cuts and boxes are exact, and a saved tree is small.
 *
 * Sample: each point draws the key ln(−ln u) − decay·t; the tree keeps the `capacity` smallest, so that old points fade.
 * Insert: at each node a cut is drawn from its box enlarged by the point, the side in proportion to its length; a cut that
 * separates the point makes a new node here. Delete: the sibling takes the parent's place.
 * Source: Guha, Mishra, Roy and Schrijvers, Robust Random Cut Forest Based Anomaly Detection on Streams (2016).
 */
export interface TreeState {
  /** Nodes in pre-order: a cut is [dimension, at], a leaf is [−1, mass]. */
  readonly nodes: number[];
  /** The leaves' points in the same order. */
  readonly points: number[];
  /** Sample entries: key and the leaf's place in that order. */
  readonly keys: number[];
  readonly leafOf: number[];
  readonly draws: number;
}

const none = -1;

export class RandomCutTree {
  private readonly capacity: number;
  private readonly dimensions: number;
  private readonly decay: number;
  private readonly seed: number;
  private draws = 0;
  /** Nodes below `capacity` cut, the others are leaves with a point each. */
  private readonly left: Int32Array;
  private readonly right: Int32Array;
  private readonly parent: Int32Array;
  private readonly mass: Int32Array;
  private readonly cutDimension: Int32Array;
  private readonly cutAt: Int32Array;
  private readonly boxes: Boxes;
  private readonly freeCuts: number[] = [];
  private readonly freeLeaves: number[] = [];
  private root = none;
  private readonly keys: number[] = [];
  private readonly leafOf: number[] = [];
  private largestEntry = none;

  constructor(options: { capacity: number; dimensions: number; decay: number; seed: number }, saved?: TreeState) {
    const { capacity, dimensions } = options;
    this.capacity = capacity;
    this.dimensions = dimensions;
    this.decay = options.decay;
    this.seed = seedOfPart(options.seed, 1);
    const nodes = 2 * capacity;
    this.left = new Int32Array(capacity).fill(none);
    this.right = new Int32Array(capacity).fill(none);
    this.parent = new Int32Array(nodes).fill(none);
    this.mass = new Int32Array(nodes);
    this.cutDimension = new Int32Array(capacity);
    this.cutAt = new Int32Array(capacity);
    this.boxes = new Boxes(nodes, dimensions);
    for (let i = capacity - 1; i >= 0; i--) this.freeCuts.push(i);
    for (let i = nodes - 1; i >= capacity; i--) this.freeLeaves.push(i);
    if (saved !== undefined) this.load(saved);
  }

  /** Offers the stream's point number `time` to the sample. */
  offer(point: Int32Array, time: number): void {
    const key = Math.log(-Math.log(this.draw() || Number.MIN_VALUE)) - this.decay * time;
    if (this.keys.length < this.capacity) {
      this.keys.push(key);
      this.leafOf.push(this.insert(point));
      if (this.largestEntry === none || key > this.keys[this.largestEntry]!) this.largestEntry = this.keys.length - 1;
      return;
    }
    const entry = this.largestEntry;
    if (key >= this.keys[entry]!) return;
    this.remove(this.leafOf[entry]!);
    this.keys[entry] = key;
    this.leafOf[entry] = this.insert(point);
    this.largestEntry = findLargest(this.keys);
  }

  /** Displacement score; `shares` receives each dimension's part where it is asked for. About 1 is normal. */
  score(point: Int32Array, shares: Float64Array | null): number {
    if (this.root === none) return 0;
    let node = this.root;
    let depth = 0;
    while (node < this.capacity) {
      node = point[this.cutDimension[node]!]! <= this.cutAt[node]! ? this.left[node]! : this.right[node]!;
      depth++;
    }
    const total = this.mass[this.root]!;
    const same = this.boxes.growth(node, point) === 0;
    let score = same ? scoreOfSeen(this.mass[node]!, total, depth) : 1 / (depth + 1);
    if (shares !== null && !same) this.boxes.addShares(node, point, { weight: score, kept: 0 }, shares);
    // Outside a leaf's box only: an ancestor that already holds the point is held by all of its own.
    for (node = this.parent[node]!, depth--; node !== none && !same; node = this.parent[node]!, depth--) {
      const growth = this.boxes.growth(node, point);
      if (growth === 0) break;
      const separated = growth / (growth + this.boxes.sideSum(node));
      score = separated / (depth + 1) + (1 - separated) * score;
      if (shares !== null)
        this.boxes.addShares(node, point, { weight: separated / (depth + 1), kept: 1 - separated }, shares);
    }
    return score * Math.log2(total + 1);
  }

  save(): TreeState {
    const nodes: number[] = [];
    const points: number[] = [];
    const placeOf = new Map<number, number>();
    const visit = (node: number): void => {
      if (node >= this.capacity) {
        placeOf.set(node, placeOf.size);
        nodes.push(none, this.mass[node]!);
        points.push(...this.boxes.pointOf(node));
        return;
      }
      nodes.push(this.cutDimension[node]!, this.cutAt[node]!);
      visit(this.left[node]!);
      visit(this.right[node]!);
    };
    if (this.root !== none) visit(this.root);
    const leafOf = this.leafOf.map((leaf) => placeOf.get(leaf)!);
    return { nodes, points, keys: [...this.keys], leafOf, draws: this.draws };
  }

  private load(saved: TreeState): void {
    const leaves: number[] = [];
    let at = 0;
    const read = (parent: number): number => {
      const [dimension, value] = [saved.nodes[at++]!, saved.nodes[at++]!];
      if (dimension === none) {
        const leaf = this.newLeaf(saved.points, leaves.length * this.dimensions);
        leaves.push(leaf);
        this.mass[leaf] = value;
        this.parent[leaf] = parent;
        return leaf;
      }
      const node = this.freeCuts.pop()!;
      this.parent[node] = parent;
      this.cutDimension[node] = dimension;
      this.cutAt[node] = value;
      this.left[node] = read(node);
      this.right[node] = read(node);
      this.mass[node] = this.mass[this.left[node]!]! + this.mass[this.right[node]!]!;
      this.boxes.join(node, this.left[node]!, this.right[node]!);
      return node;
    };
    if (saved.nodes.length > 0) this.root = read(none);
    this.keys.push(...saved.keys);
    this.leafOf.push(...saved.leafOf.map((place) => leaves[place]!));
    this.draws = saved.draws;
    this.largestEntry = findLargest(this.keys);
  }

  private draw(): number {
    return uniformAt(this.seed, this.draws++);
  }

  private insert(point: Int32Array): number {
    if (this.root === none) {
      this.root = this.newLeaf(point, 0);
      return this.root;
    }
    let node = this.root;
    for (;;) {
      const growth = this.boxes.growth(node, point);
      if (node >= this.capacity && growth === 0) return this.addMass(node);
      if (growth > 0 && this.cutApart(node, point, growth)) return this.parentedLeaf(node, point);
      node = point[this.cutDimension[node]!]! <= this.cutAt[node]! ? this.left[node]! : this.right[node]!;
    }
  }

  /** The cut drawn last: in which dimension, and where. */
  private drawnDimension = 0;
  private drawnAt = 0;

  /** Draws a cut of the node's box enlarged by the point; true when it separates the two. */
  private cutApart(node: number, point: Int32Array, growth: number): boolean {
    const { low, high, dimensions } = this.boxes;
    let rest = this.draw() * (growth + this.boxes.sideSum(node));
    for (let d = 0, i = node * dimensions; d < dimensions; d++, i++) {
      const from = Math.min(low[i]!, point[d]!);
      const to = Math.max(high[i]!, point[d]!);
      if (rest >= to - from) {
        rest -= to - from;
        continue;
      }
      this.drawnDimension = d;
      this.drawnAt = from + Math.floor(rest);
      return this.drawnAt < low[i]! || this.drawnAt >= high[i]!;
    }
    return false;
  }

  /** Puts a cut above `node` that parts it from a new leaf for the point. */
  private parentedLeaf(node: number, point: Int32Array): number {
    const leaf = this.newLeaf(point, 0);
    const cut = this.freeCuts.pop()!;
    const above = this.parent[node]!;
    const pointIsLeft = point[this.drawnDimension]! <= this.drawnAt;
    this.cutDimension[cut] = this.drawnDimension;
    this.cutAt[cut] = this.drawnAt;
    this.left[cut] = pointIsLeft ? leaf : node;
    this.right[cut] = pointIsLeft ? node : leaf;
    this.parent[cut] = above;
    this.replaceChild(above, node, cut);
    this.parent[node] = cut;
    this.parent[leaf] = cut;
    this.mass[cut] = this.mass[node]! + 1;
    this.boxes.join(cut, node, leaf);
    for (let up = above; up !== none; up = this.parent[up]!) {
      this.mass[up]!++;
      this.boxes.enlarge(up, leaf);
    }
    return leaf;
  }

  private addMass(leaf: number): number {
    for (let up = leaf; up !== none; up = this.parent[up]!) this.mass[up]!++;
    return leaf;
  }

  private remove(leaf: number): void {
    for (let up = leaf; up !== none; up = this.parent[up]!) this.mass[up]!--;
    if (this.mass[leaf]! > 0) return;
    const cut = this.parent[leaf]!;
    this.freeLeaves.push(leaf);
    if (cut === none) {
      this.root = none;
      return;
    }
    const sibling = this.left[cut] === leaf ? this.right[cut]! : this.left[cut]!;
    const above = this.parent[cut]!;
    this.replaceChild(above, cut, sibling);
    this.parent[sibling] = above;
    this.freeCuts.push(cut);
    for (let up = above; up !== none; up = this.parent[up]!) this.boxes.join(up, this.left[up]!, this.right[up]!);
  }

  private replaceChild(above: number, old: number, now: number): void {
    if (above === none) this.root = now;
    else if (this.left[above] === old) this.left[above] = now;
    else this.right[above] = now;
  }

  private newLeaf(source: ArrayLike<number>, offset: number): number {
    const leaf = this.freeLeaves.pop()!;
    this.mass[leaf] = 1;
    this.parent[leaf] = none;
    this.boxes.set(leaf, source, offset);
    return leaf;
  }
}

/** A point that the tree holds already scores low, the lower the more of its kind there are. */
function scoreOfSeen(leafMass: number, treeMass: number, depth: number): number {
  return (1 - leafMass / (2 * treeMass)) / (depth + Math.log2(leafMass + 1));
}

function findLargest(keys: readonly number[]): number {
  let largest = none;
  for (let i = 0; i < keys.length; i++) if (largest === none || keys[i]! > keys[largest]!) largest = i;
  return largest;
}
