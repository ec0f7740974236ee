import type { MachineForecast } from '../../core/prognosis/forecast.ts';

/** What planning needs to know of a machine beside the request. */
export interface MachineFactsReader {
  /** Null where the registry names no price; no forecast where the twin has none. */
  read(machineId: string): Promise<{
    readonly downtimeEurPerHour: number | null;
    readonly forecast: MachineForecast | null;
  }>;
}
