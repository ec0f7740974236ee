import { builtinMachineTypes } from '../../core/machine-types/builtin.ts';
import { connectMaintenance } from '../adapters/connect-maintenance.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { maintenanceEnvSchema } from './env.ts';
import { createMaintenanceHandler } from './handler.ts';

const env = readEnvironment(maintenanceEnvSchema);
const typesByName = new Map(builtinMachineTypes.map((type) => [type.name, type]));
export const handler = createMaintenanceHandler({
  ...connectMaintenance(env),
  log: createTelling('maintenance', env.STAGE).log,
  links: { pageUrl: env.PAGE_URL, runbookUrl: env.RUNBOOK_URL },
  findType: (name) => typesByName.get(name),
});
