import type { DetectorInput, DetectorOutput, DetectorState } from '../../../../core/detection/detector.ts';

/** A state as an older version saved it, and what came next. */
export interface Golden {
  readonly channels: readonly string[];
  readonly config: Record<string, unknown>;
  readonly state: DetectorState;
  readonly inputs: readonly DetectorInput[];
  readonly outputs: readonly DetectorOutput[];
}

export const goldenFile = (name: string, version: number): URL =>
  new URL(`../../../fixtures/detectors/${name}-v${version}.json`, import.meta.url);
