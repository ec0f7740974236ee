import { applyChaos } from '../../simulator/chaos/apply.ts';
import { parseChaos } from '../../simulator/chaos/parse.ts';
import { typicalLifeS } from '../../simulator/pump/life.ts';
import { createPumpMachine } from '../../simulator/pump/machine.ts';
import { createReader, findMachineType, type LabelledSample, type SimulatedSource, stateOf } from './labelled-lives.ts';

/** Everything that happens on an ordinary bad day between sensor and cloud. */
const chaosText =
  'vibration-glitch:p=0.01;dropout:p=0.02;late:p=0.02;out-of-order:p=0.02;duplicate:p=0.05;heatwave@20000s+20000s';
const brokenSamples = 20;
const mostSamples = 20_000;

/** Pump lives as they arrive with chaos on: in order of arrival, duplicates left out, as the twin would. */
export function* simulateChaoticLives({ units, seed }: SimulatedSource): Generator<LabelledSample> {
  const plan = parseChaos(chaosText);
  if (!plan.ok) throw new Error(plan.error);
  const read = createReader(findMachineType('centrifugal-pump')!);
  for (let unit = 1; unit <= units; unit++) {
    const machine = createPumpMachine({
      machineId: `CHAOS-${seed}-${unit}`,
      seed,
      startMs: Date.UTC(2026, 0, 1),
      intervalMs: typicalLifeS.nominal,
      faults: [],
      lifecycle: 'nominal',
      training: true,
      repairS: Number.POSITIVE_INFINITY,
    });
    const arriving = applyChaos(machine, plan.value, seed, { sampleLimit: mostSamples });
    let broken = 0;
    for (let event = arriving.next(); event !== undefined && broken <= brokenSamples; event = arriving.next()) {
      if (event.kind !== 'sample') continue;
      const state = stateOf(event.truth);
      if (state === 'BROKEN') broken++;
      const { machineId: unit, sampledAtMs: atMs } = event.truth;
      yield { unit, atMs, values: read(event.payload), state, rulHours: null, failureMode: null };
    }
  }
}
