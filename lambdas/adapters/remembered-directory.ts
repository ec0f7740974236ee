import type { Registered } from '../../core/api/present.ts';
import type { MachineDirectory } from '../ports/twin-reader.ts';

/** What the registry holds of a machine changes by hand: as old as this it may be told. */
const keptMs = 10_000;

/** Finds what was found a moment ago without asking again; who is not registered is asked for each time. */
export function rememberFound(directory: MachineDirectory, nowMs: () => number): MachineDirectory {
  const found = new Map<string, { readonly machine: Registered; readonly untilMs: number }>();
  return {
    list: (page) => directory.list(page),
    find: async (machineId) => {
      const known = found.get(machineId);
      if (known !== undefined && known.untilMs > nowMs()) return known.machine;
      const machine = await directory.find(machineId);
      if (machine === undefined) found.delete(machineId);
      else found.set(machineId, { machine, untilMs: nowMs() + keptMs });
      return machine;
    },
  };
}
