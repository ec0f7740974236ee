import { knownTypes } from '../../core/machine-types/known.ts';
import { connectMaintenance } from '../adapters/connect-maintenance.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { maintenanceEnvSchema } from './env.ts';
import { createMaintenanceHandler } from './handler.ts';

const env = readEnvironment(maintenanceEnvSchema);
export const handler = createMaintenanceHandler({
  ...connectMaintenance(env),
  log: createTelling('maintenance', env.STAGE).log,
  links: { pageUrl: env.PAGE_URL, runbookUrl: env.RUNBOOK_URL },
  findType: knownTypes.findType,
});
