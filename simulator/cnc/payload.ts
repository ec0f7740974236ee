import type { Mill } from './mill.ts';
import type { Point } from './motion/motion.ts';
import type { CuttingPlan } from './plan.ts';
import type { Sensors } from './sensor.ts';
import { formatToolId } from './tool.ts';

export interface PayloadFrame {
  readonly machineId: string;
  readonly timestamp: string;
  readonly sequence: number;
}

/** What the machine publishes: names, nesting and order are a contract (core/machine-types/builtin/cnc-mill.json). */
export function buildPayload(frame: PayloadFrame, mill: Mill, sensors: Sensors, plan: CuttingPlan) {
  const { motion } = mill;
  return {
    timestamp: frame.timestamp,
    machine_id: frame.machineId,
    spindle: readSpindle(mill, sensors),
    axes: readAxes(mill, sensors),
    tool: readTool(mill),
    coolant: readCoolant(mill, sensors),
    power: readPower(mill, sensors),
    status: {
      mode: motion.mode,
      program: motion.program,
      block: motion.block,
      cycle_time_s: round(motion.cycleTimeS, 1e3),
      feed_rate_mm_min: round(motion.feedMmPerMin, 10),
      part_count: motion.partCount,
      alarm: motion.alarm,
    },
    cutting: {
      planned_removal_cm3_min: round(plan.removalCm3PerMin(mill.stepFromS, mill.stepToS), 1e3),
      planned_power_kw: round(plan.powerKw(mill.stepFromS, mill.stepToS), 1e4),
    },
    machine_type: 'cnc-mill',
    sequence: frame.sequence,
  };
}

/** Adding 0 turns −0 into 0. */
const round = (value: number, stepsPerUnit: number): number => Math.round(value * stepsPerUnit) / stepsPerUnit + 0;

function readSpindle({ spindle, motion, torqueNm }: Mill, sensors: Sensors) {
  return {
    rpm: sensors.rpm.read(Math.abs(motion.spindleRpm)),
    load_percent: sensors.loadPercent.read(spindle.loadPercent),
    temperature_c: sensors.spindleTemperatureC.read(spindle.temperatureC),
    vibration_mm_s: sensors.vibrationMmPerS.read(spindle.vibrationMmPerS),
    torque_nm: sensors.torqueNm.read(torqueNm),
    vibration_1x_mm_s: sensors.vibration1xMmPerS.read(spindle.vibration1xMmPerS),
    vibration_tooth_mm_s: sensors.vibrationToothMmPerS.read(spindle.vibrationToothMmPerS),
    vibration_chatter_mm_s: sensors.vibrationChatterMmPerS.read(spindle.vibrationChatterMmPerS),
    bearing_envelope_g: sensors.envelopeG.read(spindle.envelopeG),
    bearing_temperature_c: sensors.bearingTemperatureC.read(spindle.bearingTemperatureC),
    thermal_growth_um: sensors.thermalGrowthUm.read(spindle.thermalGrowthUm),
  };
}

function readAxes(mill: Mill, sensors: Sensors) {
  const axis = (name: keyof Point) => ({
    position_mm: round(mill.motion.position[name], 1e3),
    velocity_mm_min: round(mill.motion.velocityMmPerMin[name], 10),
    reversal_error_um: sensors[`${name}ReversalErrorUm`].read(mill.axes[name].reversalErrorUm),
    load_percent: sensors[`${name}LoadPercent`].read(mill.axes[name].loadPercent),
  });
  return { x: axis('x'), y: axis('y'), z: axis('z') };
}

function readTool({ pocket, heldTool }: Mill) {
  return {
    id: formatToolId(heldTool),
    type: pocket?.tool.type ?? 'none',
    diameter_mm: pocket?.tool.diameterMm ?? 0,
    wear_percent: round(pocket?.life.wearPercent ?? 0, 100),
    runtime_minutes: round((pocket?.life.runtimeS ?? 0) / 60, 100),
  };
}

function readCoolant({ coolant }: Mill, sensors: Sensors) {
  // A meter without flow shows zero, without noise.
  const flowing = coolant.flowLpm > 0 ? 1 : 0;
  return {
    flow_rate_lpm: sensors.coolantFlowLpm.read(coolant.flowLpm, flowing),
    temperature_c: sensors.coolantTemperatureC.read(coolant.temperatureC),
    pressure_bar: sensors.coolantPressureBar.read(coolant.pressureBar, flowing),
    concentration_percent: sensors.concentrationPercent.read(coolant.concentrationPercent),
    ph: sensors.ph.read(coolant.ph),
  };
}

/** The total is the sum of the parts as published, in whole watts: it must add up after rounding. */
function readPower(mill: Mill, sensors: Sensors) {
  const spindleKw = sensors.spindlePowerKw.read(mill.spindle.powerKw);
  const servoKw = sensors.servoPowerKw.read(mill.servoKw);
  const auxiliaryKw = sensors.auxiliaryPowerKw.read(mill.auxiliaryKw);
  const totalW = Math.round(spindleKw * 1e3) + Math.round(servoKw * 1e3) + Math.round(auxiliaryKw * 1e3);
  return { total_kw: totalW / 1e3, spindle_kw: spindleKw, servo_kw: servoKw, auxiliary_kw: auxiliaryKw };
}
