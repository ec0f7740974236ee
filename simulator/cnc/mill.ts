/**
 * The mill as one body: each step takes what the motion did and lets cutting, wear, warmth, vibration, coolant and power
 * follow from it. It knows no sensors and no payload.
 */
import type { Random } from '../../core/random/random.ts';
import { Axis } from './axis.ts';
import { chatterVibrationMmPerS } from './chatter.ts';
import { CoolantLoop } from './coolant-loop.ts';
import { Cutter } from './cutter.ts';
import { type Cut, type CutConditions, computeCut, torqueNm } from './cutting.ts';
import type { FaultSchedule } from './faults.ts';
import { createHall } from './hall.ts';
import type { Material } from './material.ts';
import type { MachineKinematics, MotionExecutor, MotionState, PathPiece } from './motion/motion.ts';
import { Spindle, spindleDefaults } from './spindle.ts';
import { Stock, type StockBlock } from './stock.ts';
import type { Tool } from './tool.ts';
import { ToolLife, taylorLifeS } from './tool-life.ts';

/** Engineering assumptions for a small vertical machining centre. */
const millDefaults = {
  /** Unloading the part and clamping the next blank. */
  partLoadingS: 20,
  topScatterMm: 0.08,
  hardnessScatter: 0.02,
  auxiliaryKw: 0.9,
  floodPumpKw: 0.75,
  mistKw: 0.05,
  headWeightPercent: 12,
  /** Where the spindle stalls: the drive gives no more, whatever the tool runs into. */
  overloadFactor: 2,
  axisStallN: 25_000,
  /** Of the force of a cut sideways, on each axis of the table and on the head; a plunge pushes on the head alone. */
  levelShare: 0.7,
  verticalShare: 0.3,
  /** Spent coolant leaves this much of its warmth in the work and the spindle. */
  spentCoolantKelvin: 2,
} as const;

/** No step is longer: within a tool change's time all cutting belongs to one tool. */
const longestStepS = 4;

export interface MillParts {
  readonly executor: MotionExecutor;
  readonly kinematics: MachineKinematics;
  readonly magazine: readonly Tool[];
  readonly material: Material;
  readonly block: StockBlock;
  readonly faults: FaultSchedule;
  readonly random: Random;
  readonly startMs: number;
  /** The spindle's mean loss over a cycle: a machine is met in the middle of its day, warm from its job. */
  readonly meanLossKw: number;
}

export interface Pocket {
  readonly tool: Tool;
  readonly life: ToolLife;
}

export class Mill {
  readonly stock: Stock;
  readonly spindle: Spindle;
  readonly coolant: CoolantLoop;
  readonly axes: { readonly x: Axis; readonly y: Axis; readonly z: Axis };
  motion: MotionState;
  cut: Cut;
  removedMm3 = 0;
  torqueNm = 0;
  servoKw = 0;
  auxiliaryKw = 0;
  /** What sits in the spindle; while a change goes on, the tool before it. */
  heldTool: number;
  pocket: Pocket | undefined;
  /** The part of the cycle that the last step covered; empty while a part is loaded. */
  stepFromS = 0;
  stepToS = 0;
  private readonly parts: MillParts;
  private readonly pockets: ReadonlyMap<number, Pocket>;
  private readonly partRandom: Random;
  private readonly hallC: (elapsedS: number) => number;
  private readonly cutter: Cutter;
  private workpiece: Material;
  private loadingS = 0;
  private finishedParts = 0;
  private readonly newEdges: number[] = [];
  /** The speed a step's cutting is told with: at its end the spindle may stand already, or turn about in a thread. */
  private workingRpm = 0;
  private engagedShare = 0;
  private sideways = false;

  constructor(parts: MillParts) {
    const { random, material } = parts;
    this.parts = parts;
    this.partRandom = random.fork('part');
    this.hallC = createHall(random.fork('hall'), parts.startMs);
    this.stock = new Stock(parts.block);
    this.cutter = new Cutter(this.stock);
    this.pockets = new Map(
      parts.magazine.map((tool) => [
        tool.number,
        { tool, life: new ToolLife(random.fork(`tool ${tool.number}`), material) },
      ]),
    );
    const spindleRandom = random.fork('spindle');
    this.spindle = new Spindle({
      ambientC: this.hallC(0),
      lossKw: parts.meanLossKw * spindleRandom.uniform(0.8, 1.1),
      unbalance: Math.exp(spindleRandom.normal(0, 0.15)),
    });
    this.coolant = new CoolantLoop(this.hallC(0));
    this.axes = createAxes(parts.kinematics);
    this.workpiece = material;
    this.loadPart();
    this.motion = parts.executor.advance(0).state;
    this.heldTool = this.motion.toolNumber;
    this.pocket = this.pockets.get(this.heldTool);
    this.cut = computeCut(this.cutter.engagement, this.conditions());
  }

  /** Moves on so that `elapsedS` is reached; what the signals show is the last second at most. */
  advance(durationS: number, elapsedS: number): void {
    const lastS = Math.min(1, durationS);
    let aheadS = durationS - lastS;
    while (aheadS > 1e-9) {
      const stepS = Math.min(longestStepS, aheadS);
      aheadS -= stepS;
      this.step(stepS, elapsedS - lastS - aheadS);
    }
    this.step(lastS, elapsedS);
  }

  private step(durationS: number, elapsedS: number): void {
    this.parts.faults.moveTo(elapsedS);
    const path = this.move(durationS);
    this.work(path, durationS);
    this.settle(durationS, elapsedS);
    this.follow(path, durationS);
    if (this.motion.partCount > this.finishedParts) this.exchangePart();
  }

  /** The motion of this step; none while a part is loaded. */
  private move(durationS: number): readonly PathPiece[] {
    if (this.loadingS > 0) {
      this.loadingS -= durationS;
      this.motion = standing(this.motion);
      this.stepFromS = this.stepToS = 0;
      return [];
    }
    const { state, path } = this.parts.executor.advance(durationS);
    this.workingRpm = Math.max(Math.abs(this.motion.spindleRpm), Math.abs(state.spindleRpm));
    this.motion = state;
    this.stepToS = state.cycleTimeS;
    this.stepFromS = Math.max(0, state.cycleTimeS - durationS);
    // Until the change is over, what was cut in this step was cut by the tool before.
    if (state.toolNumber !== this.heldTool && state.mode !== 'tool_change') this.takeTool(state.toolNumber);
    return path;
  }

  private work(path: readonly PathPiece[], durationS: number): void {
    const { pocket, cutter, parts } = this;
    const engagement = cutter.run(path, pocket?.tool ?? noTool);
    this.sideways = engagement.lateralMm > engagement.wayMm / 2;
    this.removedMm3 = engagement.volumeMm3;
    this.engagedShare = Math.min(1, engagement.feedS / durationS);
    this.cut = computeCut(engagement, this.conditions());
    if (pocket === undefined || this.cut.powerKw === 0) return;
    const speedMPerMin = (Math.PI * pocket.tool.diameterMm * this.workingRpm) / 1e3;
    const { toolWear, coolantDegradation } = parts.faults;
    // A Taylor constant lowered by this factor is the same as a speed raised by it.
    const lifeS = taylorLifeS(pocket.tool, parts.material, speedMPerMin / this.coolant.speedFactor(coolantDegradation));
    pocket.life.cut({ durationS: Math.min(durationS, engagement.feedS), lifeS, faultLevel: toolWear });
  }

  private settle(durationS: number, elapsedS: number): void {
    const { cut, motion, pocket } = this;
    const { bearingWear, coolantDegradation, thermalDrift } = this.parts.faults;
    const ambientC = this.hallC(elapsedS);
    const stallKw = spindleDefaults.ratedPowerKw * millDefaults.overloadFactor;
    const cuttingKw = Math.min(stallKw, cut.energyKj / durationS);
    const spindleRpm = cuttingKw > 0 ? this.workingRpm : motion.spindleRpm;
    this.torqueNm = torqueNm(cuttingKw, spindleRpm);
    this.spindle.advance({
      durationS,
      spindleRpm,
      cuttingKw,
      mainForceN: cut.mainForceN,
      engagedShare: this.engagedShare,
      chatterMmPerS: pocket === undefined || !this.sideways ? 0 : chatterVibrationMmPerS(pocket.tool, cut, spindleRpm),
      wearPercent: pocket?.life.wearPercent ?? 0,
      ambientC: ambientC + millDefaults.spentCoolantKelvin * coolantDegradation,
      bearingLevel: bearingWear,
      driftLevel: thermalDrift,
    });
    this.coolant.advance({
      durationS,
      mode: motion.coolant,
      ambientC,
      heatKw: cuttingKw,
      level: coolantDegradation,
    });
    const pumpKw = { off: 0, mist: millDefaults.mistKw, flood: millDefaults.floodPumpKw }[motion.coolant];
    this.auxiliaryKw = millDefaults.auxiliaryKw + pumpKw + spindleDefaults.drift.chillerKw * thermalDrift;
  }

  private follow(path: readonly PathPiece[], durationS: number): void {
    const { x, y, z } = this.axes;
    for (const { from, to } of path) {
      x.travel(to.x - from.x);
      y.travel(to.y - from.y);
      z.travel(to.z - from.z);
    }
    const { velocityMmPerMin: v } = this.motion;
    const { backlash } = this.parts.faults;
    const { axisStallN, levelShare, verticalShare } = millDefaults;
    const forceN = Math.min(axisStallN, this.cut.feedForceN) * this.engagedShare;
    const levelN = this.sideways ? forceN * levelShare : 0;
    x.finish(durationS, v.x, levelN, backlash.x);
    y.finish(durationS, v.y, levelN, backlash.y);
    z.finish(durationS, v.z, this.sideways ? forceN * verticalShare : forceN, backlash.z);
    this.servoKw = x.powerKw + y.powerKw + z.powerKw;
  }

  private takeTool(toolNumber: number): void {
    this.heldTool = toolNumber;
    this.pocket = this.pockets.get(toolNumber);
    this.changeEdge();
  }

  /** Numbers of the tools that got a new edge since the last call, in order. */
  takeNewEdges(): readonly number[] {
    return this.newEdges.length === 0 ? this.newEdges : this.newEdges.splice(0);
  }

  private changeEdge(): void {
    if (this.pocket?.life.changeWhenWorn(this.parts.faults.toolWear) === true) this.newEdges.push(this.heldTool);
  }

  private exchangePart(): void {
    this.finishedParts = this.motion.partCount;
    this.loadingS = millDefaults.partLoadingS;
    this.changeEdge();
    this.loadPart();
  }

  /** Blanks differ a little in height and hardness. */
  private loadPart(): void {
    const { partRandom } = this;
    this.stock.refresh(this.parts.block.topMm + partRandom.normal(0, millDefaults.topScatterMm));
    const hardness = partRandom.normal(1, millDefaults.hardnessScatter);
    const { material } = this.parts;
    this.workpiece = { ...material, specificForceNPerMm2: material.specificForceNPerMm2 * hardness };
  }

  private conditions(): CutConditions {
    return {
      tool: this.pocket?.tool ?? noTool,
      material: this.workpiece,
      spindleRpm: this.pocket === undefined ? 0 : this.workingRpm,
      wearPercent: this.pocket?.life.wearPercent ?? 0,
    };
  }
}

/** An empty spindle: it sweeps nothing. */
const noTool: Tool = {
  number: 0,
  type: 'end_mill',
  diameterMm: 0,
  lengthMm: 0,
  cornerRadiusMm: 0,
  teeth: 1,
  overhangMm: 1,
  edge: 'carbide',
};

const still = { x: 0, y: 0, z: 0 };

const standing = (motion: MotionState): MotionState => ({
  ...motion,
  mode: 'idle',
  velocityMmPerMin: still,
  feedMmPerMin: 0,
  spindleRpm: 0,
  coolant: 'off',
});

function createAxes({ rapidMmPerMin, accelerationMmPerS2 }: MachineKinematics): Mill['axes'] {
  const create = (name: 'x' | 'y' | 'z'): Axis =>
    new Axis({
      rapidMmPerMin: rapidMmPerMin[name],
      accelerationMmPerS2: accelerationMmPerS2[name],
      weightPercent: name === 'z' ? millDefaults.headWeightPercent : 0,
    });
  return { x: create('x'), y: create('y'), z: create('z') };
}
