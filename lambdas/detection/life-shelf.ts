import type { Experience } from '../../core/prognosis/choose.ts';
import { openLifeArtefact } from '../../core/prognosis/life-artefact.ts';
import type { LifeEnsemble } from '../../core/prognosis/life-ensemble.ts';
import type { FinishedLife } from '../../core/prognosis/similarity.ts';
import type { LifeLibrary } from '../ports/life-library.ts';
import type { ModelStore } from '../ports/model-store.ts';
import type { Log } from '../ports/telling.ts';

/** Lives end rarely: what was learned may be an hour old. */
const freshForMs = 3_600_000;
const retryAfterMs = 60_000;
/** More of a type say nothing new, and are a page of the table. */
const mostLives = 200;

export interface LifeShelfDeps {
  readonly library: Pick<LifeLibrary, 'newest'>;
  readonly models: ModelStore;
  readonly nowMs: () => number;
  readonly log: Pick<Log, 'warn'>;
}

interface Shelved {
  library: readonly FinishedLife[];
  ensemble: LifeEnsemble | null;
}

/** What finished lives have taught, by machine type. Each type's experience is one object that grows while its machines run. */
export class LifeShelf {
  private readonly deps: LifeShelfDeps;
  private readonly shelved = new Map<string, Shelved>();
  private readonly freshUntilMs = new Map<string, number>();

  constructor(deps: LifeShelfDeps) {
    this.deps = deps;
  }

  experienceOf(machineType: string): Experience {
    let shelved = this.shelved.get(machineType);
    if (shelved === undefined) {
      shelved = { library: [], ensemble: null };
      this.shelved.set(machineType, shelved);
    }
    return shelved;
  }

  async prepare(machineTypes: Iterable<string>): Promise<void> {
    const nowMs = this.deps.nowMs();
    for (const machineType of machineTypes) {
      if ((this.freshUntilMs.get(machineType) ?? 0) > nowMs) continue;
      const isRead = await this.refresh(machineType, this.experienceOf(machineType) as Shelved);
      this.freshUntilMs.set(machineType, nowMs + (isRead ? freshForMs : retryAfterMs));
    }
  }

  /** Remaining life is told with less to go on where the library is away: better than not at all. */
  private async refresh(machineType: string, shelved: Shelved): Promise<boolean> {
    const { library, log } = this.deps;
    try {
      const isFirst = !this.freshUntilMs.has(machineType);
      if (isFirst) shelved.ensemble = await this.openEnsemble(machineType);
      shelved.library = (await library.newest(machineType, mostLives)).filter(isWhole);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn(`the finished lives of ${machineType} cannot be read for now: ${reason}`);
      return false;
    }
  }

  /** Trees that finished lives have taught come with the deployment; null where a type has none, or a damaged one. */
  private async openEnsemble(machineType: string): Promise<LifeEnsemble | null> {
    const text = await this.deps.models.read(`${machineType}.lives`, null);
    if (text === undefined) return null;
    const opened = openLifeArtefact(text, machineType);
    if (opened.ok) return opened.value;
    this.deps.log.warn(`the ${machineType} life ensemble is not used: ${opened.error}`);
    return null;
  }
}

/** A component renewed long before its end teaches nothing of its end (assumption: four fifths of the way). */
const wholeFrom = 0.8;
const isWhole = ({ curve }: FinishedLife): boolean => (curve.at(-1)?.index ?? 0) >= wholeFrom;
