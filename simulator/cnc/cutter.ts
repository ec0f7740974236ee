import type { Engagement } from './cutting.ts';
import type { PathPiece, Point } from './motion/motion.ts';
import type { Stock } from './stock.ts';
import { isDrilling, type Tool } from './tool.ts';

/** Chords are swept together up to this length, while they keep their direction to about 10°: an arc needs no finer sweep. */
const sweepMm = 1.5;
const sameDirectionCosine = 0.985;

/** Sweeps the tool along a path and gathers what it met. Kept by the machine and refilled, for a step must not allocate. */
export class Cutter {
  readonly engagement: Engagement = { volumeMm3: 0, areaMm2: 0, maxDepthMm: 0, wayMm: 0, lateralMm: 0, feedS: 0 };
  private readonly stock: Stock;
  private from: Point | null = null;
  private to: Point = { x: 0, y: 0, z: 0 };
  private durationS = 0;
  private lengthMm = 0;

  constructor(stock: Stock) {
    this.stock = stock;
  }

  run(path: readonly PathPiece[], tool: Tool): Engagement {
    const { engagement } = this;
    engagement.volumeMm3 = engagement.areaMm2 = engagement.maxDepthMm = 0;
    engagement.wayMm = engagement.lateralMm = engagement.feedS = 0;
    this.from = null;
    for (const piece of path) {
      if (!this.extends(piece)) {
        this.sweepGathered(tool);
        this.from = piece.from;
        this.durationS = 0;
        this.lengthMm = 0;
      }
      this.to = piece.to;
      this.durationS += piece.durationS;
      this.lengthMm += lengthMm(piece.from, piece.to);
    }
    this.sweepGathered(tool);
    return engagement;
  }

  private extends(piece: PathPiece): boolean {
    const { from, to } = this;
    if (from === null || this.lengthMm > sweepMm) return false;
    const ux = to.x - from.x;
    const uy = to.y - from.y;
    const uz = to.z - from.z;
    const vx = piece.to.x - piece.from.x;
    const vy = piece.to.y - piece.from.y;
    const vz = piece.to.z - piece.from.z;
    const dot = ux * vx + uy * vy + uz * vz;
    const squares = (ux * ux + uy * uy + uz * uz) * (vx * vx + vy * vy + vz * vz);
    return dot >= 0 && dot * dot >= sameDirectionCosine ** 2 * squares;
  }

  private sweepGathered(tool: Tool): void {
    const { from, to, engagement } = this;
    if (from === null || this.durationS <= 0) return;
    const before = engagement.volumeMm3;
    this.stock.sweep({ from, to, durationS: this.durationS, kind: 'feed' }, tool, engagement);
    if (engagement.volumeMm3 === before) return;
    engagement.feedS += this.durationS;
    engagement.wayMm += isDrilling(tool) ? Math.abs(to.z - from.z) : this.lengthMm;
    engagement.lateralMm += Math.sqrt((to.x - from.x) ** 2 + (to.y - from.y) ** 2);
  }
}

const lengthMm = (from: Point, to: Point): number =>
  Math.sqrt((to.x - from.x) ** 2 + (to.y - from.y) ** 2 + (to.z - from.z) ** 2);
