/** What the calls share: finding machines, their clock, cursors. */
import type { Clock, Registered } from '../../core/api/present.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import type { Result } from '../../core/result.ts';
import { Refusal } from '../http/reply.ts';
import type { Asked } from '../http/server.ts';
import type { SeriesReader } from '../ports/series-reader.ts';
import type { MachineDirectory, TwinReader } from '../ports/twin-reader.ts';

export interface CallDeps {
  readonly directory: MachineDirectory;
  readonly twins: TwinReader;
  readonly series: SeriesReader;
  readonly findType: (name: string) => MachineType | undefined;
  readonly staleAfterMs: number;
  /** Where the registry names no price of the machine's own. */
  readonly downtimeEurPerHour: number;
  /** A UUID of a name (RFC 9562, version 5): the same of the same name, in this stage alone. */
  readonly uuidOf: (name: string) => string;
}

/** The registry is read in pages of this many machines for what needs all of them. */
const directoryPage = 1000;

export const clockOf = ({ staleAfterMs }: CallDeps, nowMs: number): Clock => ({ nowMs, staleAfterMs });

export async function findMachine({ directory }: CallDeps, { parameters }: Asked): Promise<Registered> {
  const machine = await directory.find(parameters.machineId!);
  if (machine === undefined) throw new Refusal(404, `machineId: "${parameters.machineId}" is not registered`);
  return machine;
}

export function findTypeOf({ findType }: CallDeps, { machineType }: Registered): MachineType {
  const type = findType(machineType);
  if (type === undefined) throw new Refusal(404, `machineType: nothing is known of "${machineType}"`);
  return type;
}

export async function* readDirectory({ directory }: CallDeps): AsyncGenerator<readonly Registered[]> {
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<MachineDirectory['list']>> = await directory.list({ limit: directoryPage, after });
    yield page.machines;
    after = page.after;
  } while (after !== null);
}

export function take<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Refusal(400, result.error);
  return result.value;
}
