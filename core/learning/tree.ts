/** Grown trees in flat arrays: what forest and boosting share, keep and score with. */
export interface Trees {
  /** Numbers a leaf holds: 1 for a regression, one a class for a classification. */
  readonly outputs: number;
  readonly roots: Int32Array;
  /** The column a node asks about, or −1 for a leaf. */
  readonly column: Int16Array;
  /** `value <= threshold` goes to `child`, everything else, NaN too, to the node after it. A leaf's `child` is its place in `leaves`. */
  readonly threshold: Float32Array;
  readonly child: Int32Array;
  readonly leaves: Float32Array;
}

/** Collects trees while they are grown. */
export class TreeStore {
  private readonly outputs: number;
  private readonly roots: number[] = [];
  private readonly column: number[] = [];
  private readonly threshold: number[] = [];
  private readonly child: number[] = [];
  private readonly leaves: number[] = [];
  /** Nodes and leaves when each tree began, to give back the last ones. */
  private readonly marks: { nodes: number; leaves: number }[] = [];

  constructor(outputs: number) {
    this.outputs = outputs;
  }

  get nodeCount(): number {
    return this.column.length;
  }

  get treeCount(): number {
    return this.roots.length;
  }

  beginTree(): number {
    this.marks.push({ nodes: this.column.length, leaves: this.leaves.length });
    this.roots.push(this.column.length);
    return this.addNode();
  }

  addNode(): number {
    this.column.push(-1);
    this.threshold.push(0);
    this.child.push(-1);
    return this.column.length - 1;
  }

  /** Makes a node ask, and gives its first child; the second follows it. */
  split(node: number, column: number, threshold: number): number {
    this.column[node] = column;
    this.threshold[node] = threshold;
    this.child[node] = this.addNode();
    this.addNode();
    return this.child[node]!;
  }

  setLeaf(node: number, values: ArrayLike<number>): void {
    this.child[node] = this.leaves.length / this.outputs;
    for (let k = 0; k < this.outputs; k++) this.leaves.push(Math.fround(values[k]!));
  }

  /** The tree begun last, alone. */
  lastTree(): Trees {
    const from = this.marks.at(-1) ?? { nodes: 0, leaves: 0 };
    const leafOffset = from.leaves / this.outputs;
    const column = Int16Array.from(this.column.slice(from.nodes));
    const shift = (child: number, i: number): number => child - (column[i]! < 0 ? leafOffset : from.nodes);
    return {
      outputs: this.outputs,
      roots: Int32Array.of(0),
      column,
      threshold: Float32Array.from(this.threshold.slice(from.nodes)),
      child: Int32Array.from(this.child.slice(from.nodes).map(shift)),
      leaves: Float32Array.from(this.leaves.slice(from.leaves)),
    };
  }

  /** Drops the trees after the first `count`. */
  cutTo(count: number): void {
    const mark = this.marks[count];
    if (mark === undefined) return;
    for (const list of [this.column, this.threshold, this.child]) list.length = mark.nodes;
    this.leaves.length = mark.leaves;
    this.roots.length = count;
    this.marks.length = count;
  }

  finish(): Trees {
    return {
      outputs: this.outputs,
      roots: Int32Array.from(this.roots),
      column: Int16Array.from(this.column),
      threshold: Float32Array.from(this.threshold),
      child: Int32Array.from(this.child),
      leaves: Float32Array.from(this.leaves),
    };
  }
}
