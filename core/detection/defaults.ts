import type { MachineType } from '../machine-types/definition.ts';
import { type Check, type DetectionConfig, detectionSchema } from './config.ts';

/**
 * What a type gets without asking: its limits are watched, and where it configures nothing at all, each signal is
 * watched against what this machine showed when healthy. So a plant's type of signals and limits alone detects.
 */
export function completeDetection(type: MachineType): DetectionConfig {
  const { detection } = type;
  const isBare = detection.checks.length === 0 && detection.expectations.length === 0;
  const learned = isBare ? learnFromCompany(type) : { expectations: detection.expectations, checks: [] };
  return {
    ...detection,
    expectations: learned.expectations,
    checks: [...detection.checks, ...limitChecks(type), ...learned.checks],
  };
}

function limitChecks({ signals, phases, detection }: MachineType): Check[] {
  const isWatched = (kind: Check['kind'], signal: string): boolean =>
    detection.checks.some((check) => check.kind === kind && check.of === signal);
  const code = 'outside_limits';
  const normal = signals.flatMap(({ name, normalLimits }): Check[] => {
    if (normalLimits === undefined || isWatched('bounds', name)) return [];
    return [{ code, kind: 'bounds', of: name, on: 'value', holdSamples: 1, ...normalLimits }];
  });
  const inPhases = new Set(phases.flatMap((phase) => Object.keys(phase.limits)));
  const phased = [...inPhases]
    .filter((name) => !isWatched('phase-limits', name))
    .map((of): Check => ({ code, kind: 'phase-limits', of }));
  return [...normal, ...phased];
}

function learnFromCompany(type: MachineType): Pick<DetectionConfig, 'expectations' | 'checks'> {
  const of = type.signals.filter((signal) => signal.component !== undefined).map((signal) => signal.name);
  if (of.length === 0) return { expectations: [], checks: [] };
  const { expectations, checks } = detectionSchema.parse({
    expectations: [{ kind: 'learned', name: 'company', of, fromEachOther: true, everyS: 30 }],
    checks: of.map((name) => ({ code: 'unexpected_value', kind: 'drift', of: name })),
  });
  return { expectations, checks };
}
