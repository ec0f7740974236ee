/**
 * Writes the golden state of each detector's present version, where there is none yet:
 * `node test/core/detection/detectors/write-golden.ts`. Older files are never rewritten: they are the promise.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { type Golden, goldenFile } from './golden.ts';
import { createDetector, makeRows } from './scenario.ts';
import { scenarios } from './scenarios.ts';

for (const scenario of Object.values(scenarios)) {
  const { kind, channels, config, trainRows } = scenario;
  const file = goldenFile(kind.name, kind.version);
  if (existsSync(file)) continue;
  const rows = makeRows(scenario, 42, trainRows + 40, true);
  const detector = createDetector(scenario);
  for (const row of rows.slice(0, trainRows - 5)) detector.update(row);
  const state = detector.save();
  const inputs = rows.slice(trainRows - 5, trainRows + 15);
  const golden: Golden = { channels, config, state, inputs, outputs: inputs.map((input) => detector.update(input)) };
  writeFileSync(file, `${JSON.stringify(golden)}\n`);
  console.error(`wrote ${file.pathname}`);
}
