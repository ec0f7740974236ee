import type { Silences } from '../../core/incidents/silence.ts';

export interface SilenceStore {
  /** Who was silent at the last look. */
  load(): Promise<{ readonly silences: Silences; readonly version: number }>;
  /** False when another look wrote meanwhile. */
  save(silences: Silences, version: number): Promise<boolean>;
}
