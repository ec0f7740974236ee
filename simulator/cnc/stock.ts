/**
 * The stock as a height map: each cell of a grid knows how high its material stands. A straight move of the tool lowers
 * every cell whose centre the tool passes over to the lowest height the tool's underside reaches there; the sum of what was
 * lowered is the volume removed, so the swept difference and the removal rate cannot disagree.
 *
 *   covered: cell centre within the radius of the segment; tip height there z(t) + profile(distance), lowest over t
 *
 * Fails for undercuts (a height map has none), for features near one cell, and a little for bull noses on steep ramps.
 * Source: the Z-map of Anderson 1978 ("Detecting and eliminating collisions in NC machining").
 */
import type { PathPiece } from './motion/motion.ts';
import { isDrilling, type Tool } from './tool.ts';

export interface StockBlock {
  readonly xMinMm: number;
  readonly yMinMm: number;
  readonly xMaxMm: number;
  readonly yMaxMm: number;
  readonly bottomMm: number;
  readonly topMm: number;
  readonly cellMm: number;
}

/** What one or several sweeps took away. */
export interface Removal {
  volumeMm3: number;
  /** Plan area over which material was taken. */
  areaMm2: number;
  maxDepthMm: number;
}

/** Half the point angle of a 118° drill: its tip leads its rim. */
const drillPointSlope = Math.tan((31 * Math.PI) / 180);

/** How far the underside stands above the tip at a distance from the axis. */
function profileHeight(tool: Tool, distanceMm: number): number {
  if (isDrilling(tool)) return distanceMm * drillPointSlope;
  const flatMm = tool.diameterMm / 2 - tool.cornerRadiusMm;
  if (distanceMm <= flatMm) return 0;
  const radius = tool.cornerRadiusMm;
  return radius - Math.sqrt(Math.max(0, radius * radius - (distanceMm - flatMm) ** 2));
}

export class Stock {
  readonly block: StockBlock;
  readonly columns: number;
  readonly rows: number;
  readonly heights: Float32Array;
  private readonly cellAreaMm2: number;
  private highestMm: number;
  private readonly way = new Way();

  constructor(block: StockBlock) {
    this.block = block;
    this.cellAreaMm2 = block.cellMm * block.cellMm;
    this.columns = Math.max(1, Math.round((block.xMaxMm - block.xMinMm) / block.cellMm));
    this.rows = Math.max(1, Math.round((block.yMaxMm - block.yMinMm) / block.cellMm));
    this.heights = new Float32Array(this.columns * this.rows).fill(block.topMm);
    this.highestMm = block.topMm;
  }

  /** A new blank in the vice; its top may differ from the nominal one. */
  refresh(topMm: number): void {
    this.heights.fill(topMm);
    this.highestMm = topMm;
  }

  volumeMm3(): number {
    let sum = 0;
    for (const height of this.heights) sum += height - this.block.bottomMm;
    return sum * this.cellAreaMm2;
  }

  /** Removes what the tool sweeps on this piece and adds it to `removal`. */
  sweep(piece: PathPiece, tool: Tool, removal: Removal): void {
    const { from, to } = piece;
    if (Math.min(from.z, to.z) >= this.highestMm) return;
    const way = this.way;
    way.set(piece, tool);
    const { yMinMm, cellMm } = this.block;
    const rowFirst = Math.max(0, Math.ceil((Math.min(from.y, to.y) - way.radius - yMinMm) / cellMm - 0.5));
    const rowLast = Math.min(this.rows - 1, Math.floor((Math.max(from.y, to.y) + way.radius - yMinMm) / cellMm - 0.5));
    const flat = from.z === to.z && tool.cornerRadiusMm === 0 && !isDrilling(tool);
    for (let row = rowFirst; row <= rowLast; row++) this.sweepRow(row, tool, flat, removal);
  }

  private sweepRow(row: number, tool: Tool, flat: boolean, removal: Removal): void {
    const { way, heights } = this;
    const { xMinMm, yMinMm, cellMm, bottomMm } = this.block;
    const y = yMinMm + (row + 0.5) * cellMm;
    way.crossRow(y);
    const first = Math.max(0, Math.ceil((way.left - xMinMm) / cellMm - 0.5));
    const last = Math.min(this.columns - 1, Math.floor((way.right - xMinMm) / cellMm - 0.5));
    const offset = row * this.columns;
    const lowestZ = Math.max(way.lowestZ, bottomMm);
    for (let column = first; column <= last; column++) {
      const before = heights[offset + column]!;
      // Most cells under a tool were cut before.
      if (before <= lowestZ) continue;
      const z = flat ? lowestZ : Math.max(bottomMm, way.lowestAt(xMinMm + (column + 0.5) * cellMm, y, tool));
      const after = Math.fround(z);
      if (after >= before) continue;
      heights[offset + column] = after;
      removal.volumeMm3 += (before - after) * this.cellAreaMm2;
      removal.areaMm2 += this.cellAreaMm2;
      if (before - after > removal.maxDepthMm) removal.maxDepthMm = before - after;
    }
  }
}

/** One piece of the way seen from above: a capsule. Kept and refilled, for a sweep must not allocate. */
class Way {
  radius = 0;
  lowestZ = 0;
  /** The capsule's extent on the row last crossed. */
  left = 0;
  right = 0;
  private ax = 0;
  private ay = 0;
  private az = 0;
  private bx = 0;
  private by = 0;
  private ux = 0;
  private uy = 0;
  private length = 0;
  private slope = 0;
  private flatRadius = 0;
  private leadSign = 0;
  private leadShare = 0;

  set({ from, to }: PathPiece, tool: Tool): void {
    this.radius = tool.diameterMm / 2;
    this.ax = from.x;
    this.ay = from.y;
    this.bx = to.x;
    this.by = to.y;
    this.length = Math.hypot(to.x - from.x, to.y - from.y);
    const plunges = this.length < 1e-9;
    this.az = plunges ? Math.min(from.z, to.z) : from.z;
    this.ux = plunges ? 0 : (to.x - from.x) / this.length;
    this.uy = plunges ? 0 : (to.y - from.y) / this.length;
    this.slope = plunges ? 0 : (to.z - from.z) / this.length;
    this.lowestZ = Math.fround(Math.min(from.z, to.z));
    this.flatRadius = this.radius - tool.cornerRadiusMm;
    this.leadSign = isDrilling(tool) ? 0 : -Math.sign(this.slope);
    this.leadShare = Math.abs(this.slope) / Math.sqrt(1 + this.slope * this.slope);
  }

  crossRow(y: number): void {
    this.left = Number.POSITIVE_INFINITY;
    this.right = Number.NEGATIVE_INFINITY;
    this.crossDisc(this.ax, y - this.ay);
    this.crossDisc(this.bx, y - this.by);
    if (this.uy === 0) return;
    this.crossFlank(y - this.ay, this.radius);
    this.crossFlank(y - this.ay, -this.radius);
  }

  /** The lowest height the underside reaches over a point; infinite where the tool does not come. */
  lowestAt(x: number, y: number, tool: Tool): number {
    const px = x - this.ax;
    const py = y - this.ay;
    const along = px * this.ux + py * this.uy;
    const asideSquare = Math.max(0, px * px + py * py - along * along);
    const half = Math.sqrt(Math.max(0, this.radius * this.radius - asideSquare));
    const moment = Math.min(this.length, Math.max(0, along + this.leadAt(asideSquare, half)));
    const distanceSquare = (along - moment) ** 2 + asideSquare;
    if (distanceSquare > this.radius * this.radius + 1e-9) return Number.POSITIVE_INFINITY;
    return this.az + this.slope * moment + profileHeight(tool, Math.sqrt(distanceSquare));
  }

  /**
   * On a ramp the underside is lowest over a point not at the closest approach but where it slopes as the way does.
   * Exact for a flat end (its rim) and a ball (d/dq of slope·q − √(h² − q²) = 0); a bull nose lies between the two.
   */
  private leadAt(asideSquare: number, half: number): number {
    if (this.leadSign === 0) return 0;
    const inner = Math.sqrt(Math.max(0, this.flatRadius * this.flatRadius - asideSquare));
    return this.leadSign * (inner + this.leadShare * (half - inner));
  }

  private crossDisc(centreX: number, dy: number): void {
    const square = this.radius * this.radius - dy * dy;
    if (square >= 0) this.include(centreX, Math.sqrt(square));
  }

  private crossFlank(dy: number, side: number): void {
    const dx = (dy * this.ux + side) / this.uy;
    const along = dx * this.ux + dy * this.uy;
    if (along >= 0 && along <= this.length) this.include(this.ax + dx, 0);
  }

  private include(x: number, half: number): void {
    if (x - half < this.left) this.left = x - half;
    if (x + half > this.right) this.right = x + half;
  }
}
