import { readProgram } from '../../core/gcode/parser.ts';
import { createRandom } from '../../core/random/random.ts';
import type { GroundTruth, MachineOptions, SimulatedMachine } from '../machine.ts';
import { createTimestampFormatter } from '../timestamp.ts';
import { FaultSchedule } from './faults.ts';
import {
  type Blank,
  cncJobs,
  defaultMaterialName,
  findJob,
  millKinematics,
  outlineBlank,
  placeBlank,
  readJobProgram,
  workZero,
} from './job.ts';
import { findMaterial, type Material } from './material.ts';
import { Mill } from './mill.ts';
import { createMotionExecutor } from './motion/executor.ts';
import type { MotionExecutor } from './motion/motion.ts';
import { buildPayload } from './payload.ts';
import { type CuttingPlan, planCutting } from './plan.ts';
import { createSensors } from './sensor.ts';
import type { StockBlock } from './stock.ts';
import { formatToolId, shopMagazine, type Tool } from './tool.ts';

export { cncFaultModes } from './faults.ts';

export interface CncMachineOptions extends MachineOptions {
  /** G-code; the face-and-pocket job where none is given. */
  readonly programText?: string;
  readonly materialName?: string;
  /** In work coordinates; where none is given, the shop's own for its jobs, else what the program encloses. */
  readonly blank?: Blank;
  readonly magazine?: readonly Tool[];
}

/** How long a programmed stop waits for the operator (assumption). */
const operatorS = 15;

/** Told on channel `lifecycle`: which tool the shop gave a new edge. */
interface ToolChange {
  readonly timestamp: string;
  readonly machine_id: string;
  readonly machine_type: 'cnc-mill';
  readonly event: 'tool_change';
  readonly component: 'tool';
  readonly part: string;
}

export interface CncMachine extends SimulatedMachine {
  /** The changes within the samples since the last call, in order. */
  takeLifecycleEvents(): readonly ToolChange[];
}

export function createCncMachine(options: CncMachineOptions): CncMachine {
  const { machineId, seed, startMs, intervalMs } = options;
  const random = createRandom(`${seed}/cnc-mill/${machineId}`);
  const work = prepareWork(options);
  const faults = new FaultSchedule(options.faults);
  const mill = new Mill({
    executor: work.start(true),
    kinematics: millKinematics,
    magazine: work.magazine,
    material: work.material,
    block: work.block,
    faults,
    random,
    startMs,
    meanLossKw: work.plan.meanLossKw,
  });
  const sensors = createSensors(random.fork('sensor'));
  const formatTimestamp = createTimestampFormatter();
  const stepS = intervalMs / 1000;
  let sequence = 0;
  const next: SimulatedMachine['next'] = () => {
    const elapsedS = sequence * stepS;
    const sampledAtMs = startMs + sequence * intervalMs;
    mill.advance(stepS, elapsedS);
    const payload = buildPayload(
      { machineId, timestamp: formatTimestamp(sampledAtMs), sequence },
      mill,
      sensors,
      work.plan,
    );
    const truth: GroundTruth = {
      machineId,
      machineType: 'cnc-mill',
      sampledAtMs,
      sequence,
      faults: faults.truthAt(elapsedS),
    };
    sequence++;
    return { payload, truth };
  };
  const takeLifecycleEvents = (): ToolChange[] => {
    const timestamp = formatTimestamp(startMs + Math.max(0, sequence - 1) * intervalMs);
    const of = { timestamp, machine_id: machineId, machine_type: 'cnc-mill', event: 'tool_change' } as const;
    return mill.takeNewEdges().map((tool) => ({ ...of, component: 'tool', part: formatToolId(tool) }));
  };
  return { machineId, machineType: 'cnc-mill', channel: 'telemetry', intervalMs, next, takeLifecycleEvents };
}

/** A job made ready: what many machines can share, for none of it changes. */
interface Work {
  readonly material: Material;
  readonly magazine: readonly Tool[];
  readonly block: StockBlock;
  readonly plan: CuttingPlan;
  start(repeat: boolean): MotionExecutor;
}

/** Planning runs the whole program, so a fleet on one job plans once. Only jobs of the shop's own blanks and tools are kept. */
const prepared = new Map<string, Work>();

function prepareWork(options: CncMachineOptions): Work {
  const { blank, magazine } = options;
  const programText = options.programText ?? readJobProgram(cncJobs[0]!);
  const job = findJob(programText);
  const materialName = options.materialName ?? job?.materialName ?? defaultMaterialName;
  if (blank !== undefined || magazine !== undefined) {
    return planWork(programText, materialName, blank ?? job?.blank, magazine ?? shopMagazine);
  }
  const key = `${materialName}\n${programText}`;
  const work = prepared.get(key) ?? planWork(programText, materialName, job?.blank, shopMagazine);
  prepared.set(key, work);
  return work;
}

function planWork(
  programText: string,
  materialName: string,
  blank: Blank | undefined,
  magazine: readonly Tool[],
): Work {
  const material = findMaterial(materialName);
  const start = createStarter(programText, magazine);
  const block = blank === undefined ? outlineBlank(start(false)) : placeBlank(blank);
  const findTool = (toolNumber: number): Tool | undefined => magazine.find((tool) => tool.number === toolNumber);
  const plan = planCutting({ executor: start(false), block, material, findTool });
  return { material, magazine, block, plan, start };
}

/** A program with a wrong block runs as far as that block and holds there with its alarm, as on a real control. */
function createStarter(programText: string, magazine: readonly Tool[]): Work['start'] {
  const program = readProgram(programText);
  return (repeat) =>
    createMotionExecutor({
      programs: [program],
      mainProgram: program.name,
      kinematics: millKinematics,
      tools: magazine,
      workOffsets: { G54: workZero },
      repeat,
      autoResumeS: operatorS,
    });
}
