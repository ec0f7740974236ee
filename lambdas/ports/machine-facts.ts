import type { Decision } from '../../core/detection/observation.ts';
import type { MachineForecast } from '../../core/prognosis/forecast.ts';

/** What planning needs to know of a machine beside the request. */
export interface MachineFactsReader {
  /** Null where the registry names no price; no forecast where the twin has none, or was not heard for too long; its last advice all the same. */
  read(machineId: string): Promise<{
    readonly downtimeEurPerHour: number | null;
    readonly forecast: MachineForecast | null;
    readonly advised: Decision | null;
  }>;
}
