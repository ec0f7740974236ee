import type { MachineForecast } from '../../core/prognosis/forecast.ts';

/** What planning needs to know of a machine beside the request. */
export interface MachineFactsReader {
  /** Null where the registry names no price; no forecast where the twin has none, or was not heard for too long. */
  read(machineId: string): Promise<{
    readonly downtimeEurPerHour: number | null;
    readonly forecast: MachineForecast | null;
  }>;
}
