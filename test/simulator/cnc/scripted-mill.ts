import { createRandom } from '../../../core/random/random.ts';
import { FaultSchedule } from '../../../simulator/cnc/faults.ts';
import { millKinematics } from '../../../simulator/cnc/job.ts';
import { findMaterial } from '../../../simulator/cnc/material.ts';
import { Mill } from '../../../simulator/cnc/mill.ts';
import { shopMagazine } from '../../../simulator/cnc/tool.ts';
import type { FaultPlan } from '../../../simulator/machine.ts';
import { createScriptedExecutor, type Script } from './scripted-executor.ts';

export interface ScriptedMillOptions {
  readonly script?: Partial<Script>;
  readonly materialName?: string;
  readonly faults?: readonly FaultPlan[];
  readonly seed?: number;
}

/** A mill on a long bar, slotting with the 10 mm end mill at 1,000 mm/min unless the script says otherwise. */
export function createScriptedMill({ script, materialName, faults, seed }: ScriptedMillOptions): Mill {
  return new Mill({
    executor: createScriptedExecutor({
      start: { x: 20, y: 20, z: -1 },
      velocityMmPerMin: { x: 1000, y: 0, z: 0 },
      spindleRpm: 8000,
      toolNumber: 1,
      ...script,
    }),
    kinematics: millKinematics,
    magazine: shopMagazine,
    material: findMaterial(materialName ?? 'wrought_aluminium'),
    block: { xMinMm: 0, yMinMm: 0, xMaxMm: 4000, yMaxMm: 40, bottomMm: -20, topMm: 0, cellMm: 1 },
    faults: new FaultSchedule(faults ?? []),
    random: createRandom(seed ?? 7),
    startMs: Date.UTC(2026, 0, 1),
    meanLossKw: 0.7,
  });
}

export function run(mill: Mill, seconds: number): Mill {
  for (let s = 0; s < seconds; s++) mill.advance(1, s);
  return mill;
}
