import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { DetectorInput, DetectorOutput, DetectorState } from '../../../../core/detection/detector.ts';
import { createDetector, makeRows, type Scenario } from './scenario.ts';

/** A state as a version saved it, and what came next. */
interface Golden {
  readonly channels: readonly string[];
  readonly config: Record<string, unknown>;
  readonly state: DetectorState;
  readonly inputs: readonly DetectorInput[];
  readonly outputs: readonly DetectorOutput[];
}

/**
 * The golden file of a version. `WRITE_GOLDEN=1 vitest run test/core/detection/detectors` writes the present version's where
 * there is none yet; a file that stands is never rewritten: it is the promise.
 */
export function readGolden(scenario: Scenario, version: number): Golden {
  const { name, version: present } = scenario.kind;
  const file = new URL(`../../../fixtures/detectors/${name}-v${version}.json`, import.meta.url);
  if (process.env.WRITE_GOLDEN === '1' && version === present && !existsSync(file)) {
    writeFileSync(file, `${JSON.stringify(makeGolden(scenario))}\n`);
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Golden;
}

function makeGolden(scenario: Scenario): Golden {
  const { channels, config, trainRows } = scenario;
  const rows = makeRows(scenario, 42, trainRows + 40, true);
  const detector = createDetector(scenario);
  for (const row of rows.slice(0, trainRows - 5)) detector.update(row);
  const state = detector.save();
  const inputs = rows.slice(trainRows - 5, trainRows + 15);
  return { channels, config, state, inputs, outputs: inputs.map((input) => detector.update(input)) };
}
