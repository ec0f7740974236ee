import type { DetectorKind } from '../detector.ts';
import { committee } from './committee.ts';
import { correlationBreak } from './correlation-break.ts';
import { cusum } from './cusum.ts';
import { ewma } from './ewma.ts';
import { halfSpaceTrees } from './half-space-trees.ts';
import { isolationForest } from './isolation-forest.ts';
import { levelShift } from './level-shift.ts';
import { limits } from './limits.ts';
import { mahalanobis } from './mahalanobis.ts';
import { nearestWindows } from './nearest-windows.ts';
import { onset } from './onset.ts';
import { pageHinkley } from './page-hinkley.ts';
import { randomCutForest } from './random-cut-forest.ts';
import { rateOfChange } from './rate-of-change.ts';
import { residual } from './residual.ts';
import { robustZ } from './robust-z.ts';
import { rollingZ } from './rolling-z.ts';
import { seasonalResidual } from './seasonal-residual.ts';
import { spectralLines } from './spectral-lines.ts';
import { vibrationZones } from './vibration-zones.ts';

/** Every detector by the name that configuration and saved states call it. */
export const detectorKinds = {
  limits,
  residual,
  'rolling-z': rollingZ,
  'robust-z': robustZ,
  ewma,
  cusum,
  'page-hinkley': pageHinkley,
  'vibration-zones': vibrationZones,
  'rate-of-change': rateOfChange,
  'spectral-lines': spectralLines,
  'level-shift': levelShift,
  mahalanobis,
  'correlation-break': correlationBreak,
  'isolation-forest': isolationForest,
  'half-space-trees': halfSpaceTrees,
  'random-cut-forest': randomCutForest,
  'seasonal-residual': seasonalResidual,
  'nearest-windows': nearestWindows,
  onset,
  committee,
} as const;

/** The kinds with their configurations forgotten: for those who read configuration from data. */
export const anyDetectorKinds: Readonly<Record<string, DetectorKind<Record<string, unknown>>>> =
  detectorKinds as unknown as Readonly<Record<string, DetectorKind<Record<string, unknown>>>>;
