import { renderDashboards } from '../../ui/grafana/all.ts';
import { sourceUids } from '../../ui/grafana/dashboard.ts';
import { answerCloudFormation } from '../adapters/cloudformation-answer.ts';
import { connectGrafana, connectStoreToken } from '../adapters/connect-dashboards.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { type DashboardJson, describeContent } from './content.ts';
import { dashboardsEnvSchema } from './env.ts';
import { createDashboardsHandler } from './handler.ts';

const env = readEnvironment(dashboardsEnvSchema);
const runbookUrl = env.RUNBOOK_URL === '' ? null : env.RUNBOOK_URL;
const plant = { stage: env.STAGE, pageUrl: env.PAGE_URL, runbookUrl, downtimeEurPerHour: env.DOWNTIME_EUR_PER_HOUR };
const dashboards = Object.values(renderDashboards(env.STORE, plant)) as DashboardJson[];
const content = { store: env, region: env.REGION, uids: sourceUids, dashboards, loadToken: connectStoreToken(env) };

export const handler = createDashboardsHandler({
  access: connectGrafana(env),
  describe: () => describeContent(content),
  answer: answerCloudFormation,
  resourceId: `factory-${env.STAGE}-dashboards`,
  log: createTelling('dashboards', env.STAGE).log,
});
