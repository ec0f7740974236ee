import { failure, type Result, success } from '../result.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import type { Trees } from './tree.ts';

/**
 * Trees as plain JSON: numbers as Base64 of little-endian bytes, so that a forest of 100 trees stays below 2 MB and two machines
 * write the same text. Reading checks that every node leads forward and to a place that exists: a broken file must not hang.
 */
export interface SavedTrees {
  readonly outputs: number;
  readonly roots: string;
  readonly column: string;
  readonly threshold: string;
  readonly child: string;
  readonly leaves: string;
}

export function saveTrees({ outputs, roots, column, threshold, child, leaves }: Trees): SavedTrees {
  return {
    outputs,
    roots: encodeNumbers(roots, 4, 'setInt32'),
    column: encodeNumbers(column, 2, 'setInt16'),
    threshold: encodeNumbers(threshold, 4, 'setFloat32'),
    child: encodeNumbers(child, 4, 'setInt32'),
    leaves: encodeNumbers(leaves, 4, 'setFloat32'),
  };
}

export function loadTrees(saved: SavedTrees, columns: number): Result<Trees, string> {
  const roots = decodeNumbers(saved.roots, 4, 'getInt32');
  const column = decodeNumbers(saved.column, 2, 'getInt16');
  const threshold = decodeNumbers(saved.threshold, 4, 'getFloat32');
  const child = decodeNumbers(saved.child, 4, 'getInt32');
  const leaves = decodeNumbers(saved.leaves, 4, 'getFloat32');
  if (!roots || !column || !threshold || !child || !leaves) return failure('trees: got text that is no Base64');
  const trees: Trees = {
    outputs: saved.outputs,
    roots: Int32Array.from(roots),
    column: Int16Array.from(column),
    threshold: Float32Array.from(threshold),
    child: Int32Array.from(child),
    leaves: Float32Array.from(leaves),
  };
  const problem = findBrokenNode(trees, columns);
  return problem === undefined ? success(trees) : failure(problem);
}

export const saveFloats = (values: Float32Array): string => encodeNumbers(values, 4, 'setFloat32');

export function loadFloats(text: string): Float32Array | undefined {
  const numbers = decodeNumbers(text, 4, 'getFloat32');
  return numbers && Float32Array.from(numbers);
}

function findBrokenNode(
  { outputs, roots, column, threshold, child, leaves }: Trees,
  columns: number,
): string | undefined {
  const nodes = column.length;
  if (threshold.length !== nodes || child.length !== nodes) return 'trees: the lists of nodes differ in length';
  if (roots.length === 0 || roots.some((root) => root < 0 || root >= nodes)) return 'trees: a root leads nowhere';
  for (let node = 0; node < nodes; node++) {
    const asked = column[node]!;
    if (asked >= columns) return `trees: node ${node} asks column ${asked}, there are ${columns}`;
    const to = child[node]!;
    // Children stand after their parent: a walk always ends.
    const isSound = asked < 0 ? to >= 0 && (to + 1) * outputs <= leaves.length : to > node && to + 1 < nodes;
    if (!isSound) return `trees: node ${node} leads nowhere`;
  }
  return undefined;
}

type Setter = 'setInt16' | 'setInt32' | 'setFloat32';
type Getter = 'getInt16' | 'getInt32' | 'getFloat32';

function encodeNumbers(values: ArrayLike<number>, bytesEach: number, setter: Setter): string {
  const bytes = new Uint8Array(values.length * bytesEach);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view[setter](i * bytesEach, values[i]!, true);
  return encodeBase64(bytes);
}

function decodeNumbers(text: string, bytesEach: number, getter: Getter): Float64Array | undefined {
  const bytes = decodeBase64(text);
  if (bytes === undefined || bytes.length % bytesEach !== 0) return undefined;
  const view = new DataView(bytes.buffer);
  const values = new Float64Array(bytes.length / bytesEach);
  for (let i = 0; i < values.length; i++) values[i] = view[getter](i * bytesEach, true);
  return values;
}
