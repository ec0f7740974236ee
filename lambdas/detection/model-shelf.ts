import { openArtefact } from '../../core/learning/artefact.ts';
import type { StateModel } from '../../core/learning/state-model.ts';
import type { ModelStore } from '../ports/model-store.ts';
import type { RegisteredMachine } from '../ports/registry.ts';
import type { Log } from '../ports/telling.ts';

/** What refused is looked at again after this long: somebody may have put it right. */
const refusedForMs = 300_000;

interface Entry {
  readonly model: StateModel | null;
  readonly freshUntilMs: number;
}

export interface ModelShelfDeps {
  readonly store: ModelStore;
  readonly nowMs: () => number;
  readonly log: Pick<Log, 'warn'>;
}

/**
 * The models of the machines at hand: the version a machine is pinned to, else the one that came with the deployment. One that is
 * damaged, of another type or schema, or not there is refused in one sentence, and what was in force stays.
 */
export class ModelShelf {
  private readonly deps: ModelShelfDeps;
  private readonly entries = new Map<string, Entry>();

  constructor(deps: ModelShelfDeps) {
    this.deps = deps;
  }

  /** Loads what these machines need; `inForce` is what a machine had until now. */
  async prepare(machines: Iterable<RegisteredMachine>, inForce: (machineId: string) => string | null): Promise<void> {
    for (const machine of machines) {
      const { machineType, stateModelPin } = machine;
      if (stateModelPin === undefined) await this.load(machineType, null);
      else if ((await this.load(machineType, stateModelPin)) === null) {
        const former = inForce(machine.machineId);
        if (former === null || (await this.load(machineType, former)) === null) await this.load(machineType, null);
      }
    }
  }

  /** The best there is for a machine; undefined where its type has no model. */
  find({ machineType, stateModelPin }: RegisteredMachine, inForce: string | null): StateModel | undefined {
    const wanted = stateModelPin === undefined ? [null] : [stateModelPin, inForce, null];
    for (const version of wanted) {
      const model = this.entries.get(keyOf(machineType, version))?.model;
      if (model) return model;
    }
    return undefined;
  }

  private async load(machineType: string, version: string | null): Promise<StateModel | null> {
    const key = keyOf(machineType, version);
    const known = this.entries.get(key);
    if (known !== undefined && known.freshUntilMs > this.deps.nowMs()) return known.model;
    const model = await this.open(machineType, version);
    const freshUntilMs = model === null ? this.deps.nowMs() + refusedForMs : Number.POSITIVE_INFINITY;
    this.entries.set(key, { model, freshUntilMs });
    return model;
  }

  private async open(machineType: string, version: string | null): Promise<StateModel | null> {
    try {
      const text = await this.deps.store.read(machineType, version);
      if (text === undefined) return version === null ? null : this.refuse(machineType, version, 'there is none');
      const opened = openArtefact(text, machineType);
      if (!opened.ok) return this.refuse(machineType, version, opened.error);
      const { model } = opened.value;
      const isOther = version !== null && version !== model.version;
      return isOther ? this.refuse(machineType, version, `the file holds ${model.version}`) : model;
    } catch (error) {
      return this.refuse(machineType, version, error instanceof Error ? error.message : String(error));
    }
  }

  private refuse(machineType: string, version: string | null, reason: string): null {
    const name = version ?? 'that came with the deployment';
    this.deps.log.warn(`the ${machineType} model ${name} is not used, the one in force stays: ${reason}`);
    return null;
  }
}

/** The version in force of a machine without a pin is asked for as null: the deployment's. */
const keyOf = (machineType: string, version: string | null): string => `${machineType}/${version ?? ''}`;
