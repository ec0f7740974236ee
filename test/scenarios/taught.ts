import { knownTypes } from '../../core/machine-types/known.ts';
import { parsePayload } from '../../core/telemetry/parse.ts';
import { connectDetection } from '../../lambdas/adapters/connect-detection.ts';
import { detectionEnvSchema } from '../../lambdas/detection/env.ts';
import { MachineTwins, type SavedMachines } from '../../lambdas/detection/machine-twins.ts';
import { createFleet, deliver, type SimulationOptions } from '../../simulator/run.ts';
import type { TestLaptop } from '../local/assembly.ts';

/**
 * A day that the machines have run before the test begins: their twins see it here, each sample at its own moment, and
 * detection finds what they learned in a checkpoint, as after any restart. To be called before the stream has records.
 */
export async function teach({ laptop }: TestLaptop, day: SimulationOptions): Promise<void> {
  const functions = laptop.lambda.listFunctions().map(({ settings }) => settings.environment);
  const places = detectionEnvSchema.parse(functions.find((environment) => 'LEASE_TABLE' in environment));
  const { checkpoints } = connectDetection<SavedMachines>(places, new URL(import.meta.url));
  const state = live(day);
  for (const { shardId } of laptop.kinesis.listStreams().flatMap(({ shards }) => shards)) {
    const checkpointKey = `${shardId}/1.json.gz`;
    await checkpoints.save(checkpointKey, { sequence: beforeAnyRecord, arrivedAtMs: Date.now(), state });
    const lease = { owner: 'the day before', epoch: 1, startSequence: beforeAnyRecord, checkpointKey };
    await checkpoints.writeLease(shardId, lease, undefined);
  }
}

const beforeAnyRecord = '0'.repeat(56);

function live(day: SimulationOptions): SavedMachines {
  const fleet = createFleet(day);
  if (!fleet.ok) throw new Error(fleet.error);
  const twins = new MachineTwins(knownTypes.findType);
  for (const { kind, machineId, ...event } of deliver(fleet.value, day)) {
    if (kind !== 'sample' || !('payload' in event)) continue;
    for (const parsed of parsePayload(event.payload, { ...knownTypes, topicMachineId: machineId })) {
      if (!parsed.ok) throw new Error(parsed.error.message);
      const type = knownTypes.findType(parsed.value.machineType)!;
      twins.of(machineId, type).twin.observe(parsed.value, parsed.value.sampledAtMs);
    }
  }
  return twins.save();
}
