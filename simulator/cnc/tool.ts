import type { ToolGeometry } from './motion/motion.ts';

type ToolType = 'end_mill' | 'face_mill' | 'ball_mill' | 'spot_drill' | 'drill' | 'tap';

export interface Tool extends ToolGeometry {
  readonly type: ToolType;
  /** How far it stands out of the holder: what makes it bend and chatter. */
  readonly overhangMm: number;
  readonly edge: 'carbide' | 'hss';
}

export const isDrilling = (tool: Tool): boolean =>
  tool.type === 'drill' || tool.type === 'spot_drill' || tool.type === 'tap';

export const formatToolId = (toolNumber: number): string => `T${String(toolNumber).padStart(2, '0')}`;

type Row = readonly [ToolType, diameter: number, cornerRadius: number, teeth: number, overhang: number, Tool['edge']];

const rows: readonly Row[] = [
  ['end_mill', 10, 0, 3, 30, 'carbide'],
  ['face_mill', 50, 0.8, 5, 45, 'carbide'],
  ['spot_drill', 12, 0, 2, 40, 'carbide'],
  ['drill', 8.5, 0, 2, 60, 'carbide'],
  ['tap', 10, 0, 3, 60, 'hss'],
  ['ball_mill', 8, 4, 2, 24, 'carbide'],
  ['end_mill', 16, 1, 4, 40, 'carbide'],
  ['drill', 5, 0, 2, 45, 'carbide'],
  ['end_mill', 6, 0, 3, 18, 'carbide'],
  ['ball_mill', 6, 3, 2, 22, 'carbide'],
  ['drill', 12, 0, 2, 75, 'carbide'],
  ['end_mill', 20, 0, 4, 45, 'carbide'],
];

/** What the shop keeps in the magazine, T01 upwards; every job draws on it unless it brings its own. */
export const shopMagazine: readonly Tool[] = rows.map(([type, diameter, cornerRadius, teeth, overhang, edge], i) => ({
  number: i + 1,
  type,
  diameterMm: diameter,
  lengthMm: 80 + overhang,
  cornerRadiusMm: cornerRadius,
  teeth,
  overhangMm: overhang,
  edge,
}));
