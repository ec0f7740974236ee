import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failure, type Result, success } from '../../core/result.ts';
import { machineCatalogue } from '../catalogue.ts';
import type { MachineRequest } from '../run.ts';

/** The machines a credentials folder was made for: one a subfolder, its type told by the form of its id. */
export function listEnrolled(folder: string): Result<MachineRequest[], string> {
  if (!existsSync(folder))
    return failure(
      `no credentials at "${folder}": enrol machines first (npm run enroll; npm start does it for its own), or name a folder`,
    );
  const ids = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'cert.pem')));
  if (ids.length === 0) return failure(`no machine is enrolled in "${folder}": none has a cert.pem`);
  const byType = Map.groupBy(ids.toSorted(), typeOfId);
  return success([...byType].map(([type, members]) => ({ type, count: members.length, ids: members })));
}

/** An id of none of the known forms is a machine known only by its sensors. */
function typeOfId(id: string): string {
  const number = Number(/\d+$/.exec(id)?.[0]);
  return Object.entries(machineCatalogue).find(([, { nameMachine }]) => nameMachine(number) === id)?.[0] ?? 'generic';
}
