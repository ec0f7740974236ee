import type { Label } from '../../core/maintenance/feedback.ts';
import type { LabelledSample } from './labelled-lives.ts';

/** A sample that need not tell its state itself. */
export type Recorded = Omit<LabelledSample, 'state'> & { readonly state: string | null };

/** How far the labels went. */
export interface LabelUsage {
  /** Of this machine type. */
  readonly given: number;
  /** That a sample fell into. */
  readonly used: number;
  readonly samples: { readonly HEALTHY: number; readonly faulty: number };
}

export interface FoundStates {
  /** As people found the machine at that time, else as it says itself; null where nobody tells its state. */
  relabel(sample: Recorded): LabelledSample | null;
  usage(): LabelUsage;
}

/** No finding tells how far a fault had grown: a state that says more than this stays. */
const foundState = 'FAULTY';
const faultStates: readonly (string | null)[] = ['WARNING', 'FAULTY', 'BROKEN'];

/**
 * Each label speaks of its machine from the asking to the work. A fault found makes the samples of that time faulty; no fault found makes
 * them HEALTHY, unless another order of that time found one: who looked at one component does not speak of the others.
 */
export function createFoundStates(labels: readonly Label[], machineType: string): FoundStates {
  const given = labels.filter((label) => label.machineType === machineType);
  const byMachine = Map.groupBy(given, ({ machineId }) => machineId);
  const used = new Set<Label>();
  const samples = { HEALTHY: 0, faulty: 0 };
  return {
    relabel: (sample) => {
      const met = (byMachine.get(sample.unit) ?? []).filter((label) => speaksOf(label, sample.atMs));
      if (met.length === 0) return asItSays(sample);
      for (const label of met) used.add(label);
      const fault = met.find(({ result }) => result !== 'no_fault_found');
      samples[fault === undefined ? 'HEALTHY' : 'faulty']++;
      if (fault === undefined) return { ...sample, state: 'HEALTHY', failureMode: null };
      const state = sample.state !== null && faultStates.includes(sample.state) ? sample.state : foundState;
      return { ...sample, state, failureMode: fault.actual };
    },
    usage: () => ({ given: given.length, used: used.size, samples: { ...samples } }),
  };
}

const speaksOf = ({ fromMs, untilMs }: Label, atMs: number): boolean => atMs >= fromMs && atMs <= untilMs;

const asItSays = (sample: Recorded): LabelledSample | null =>
  sample.state === null ? null : { ...sample, state: sample.state };

export const nothingFound = createFoundStates([], '');
