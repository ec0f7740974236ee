import type { GrafanaAnswer, GrafanaApi } from '../ports/grafana.ts';
import type { Content, DashboardJson, DataSource } from './content.ts';

/**
 * Brings a workspace to hold the content: what is there by its uid as wanted stays untouched, so that a second run
 * changes nothing; the rest is made or overwritten. It fails with the step at which Grafana refused. Secrets never come
 * back from Grafana, so a data source with one is written each time. Source: Grafana documentation, "HTTP API".
 */
export async function provision(api: GrafanaApi, content: Content): Promise<void> {
  for (const plugin of content.plugins) await step(`plugin ${plugin}`, () => installPlugin(api, plugin));
  for (const source of content.dataSources) await step(`data source ${source.uid}`, () => putDataSource(api, source));
  await step(`folder ${content.folder.uid}`, () => putFolder(api, content.folder));
  for (const dashboard of content.dashboards) {
    await step(`dashboard ${dashboard.uid}`, () => putDashboard(api, dashboard, content.folder.uid));
  }
}

/** Takes away what `provision` made; a folder in which somebody keeps dashboards of his own stays. */
export async function unprovision(api: GrafanaApi, content: Content): Promise<void> {
  for (const { uid } of content.dashboards) {
    await step(`removal of dashboard ${uid}`, () => remove(api, `/api/dashboards/uid/${uid}`));
  }
  const { uid } = content.folder;
  await step(`removal of folder ${uid}`, async () => {
    const inFolder = await mustAnswer(api.call('GET', `/api/search?folderUIDs=${uid}`));
    if (Array.isArray(inFolder) && inFolder.length === 0) await remove(api, `/api/folders/${uid}`);
  });
  for (const source of content.dataSources) {
    await step(`removal of data source ${source.uid}`, () => remove(api, `/api/datasources/uid/${source.uid}`));
  }
}

async function step(name: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function installPlugin(api: GrafanaApi, plugin: string): Promise<void> {
  const answer = await api.call('POST', `/api/plugins/${plugin}/install`, {});
  if (answer.status !== 409) judge(answer); // 409: it is there already
}

async function putDataSource(api: GrafanaApi, source: DataSource): Promise<void> {
  const path = `/api/datasources/uid/${source.uid}`;
  const there = await find(api, path);
  if (there === null) await mustAnswer(api.call('POST', '/api/datasources', source));
  else if (source.secureJsonData !== undefined || !holds(there, source))
    await mustAnswer(api.call('PUT', path, source));
}

async function putFolder(api: GrafanaApi, folder: Content['folder']): Promise<void> {
  const path = `/api/folders/${folder.uid}`;
  const there = await find(api, path);
  if (there === null) await mustAnswer(api.call('POST', '/api/folders', { ...folder }));
  else if (!holds(there, folder)) await mustAnswer(api.call('PUT', path, { title: folder.title, overwrite: true }));
}

async function putDashboard(api: GrafanaApi, dashboard: DashboardJson, folderUid: string): Promise<void> {
  const there = await find(api, `/api/dashboards/uid/${dashboard.uid}`);
  if (there !== null && holds(there, { dashboard, meta: { folderUid } })) return;
  const message = 'As the stage was deployed';
  await mustAnswer(api.call('POST', '/api/dashboards/db', { dashboard, folderUid, overwrite: true, message }));
}

/** Null is not there. */
async function find(api: GrafanaApi, path: string): Promise<unknown> {
  const answer = await api.call('GET', path);
  return answer.status === 404 ? null : judge(answer);
}

async function remove(api: GrafanaApi, path: string): Promise<void> {
  const answer = await api.call('DELETE', path);
  if (answer.status !== 404) judge(answer);
}

const mustAnswer = async (answer: Promise<GrafanaAnswer>): Promise<unknown> => judge(await answer);

function judge({ status, body }: GrafanaAnswer): unknown {
  if (status >= 200 && status < 300) return body;
  const { message = JSON.stringify(body) } = (body ?? {}) as { readonly message?: unknown };
  throw new Error(`Grafana answered ${status}: ${String(message).slice(0, 300)}`);
}

/** Whether what is there says all that is wanted; Grafana adds ids, versions and defaults of its own. */
function holds(there: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(there) && there.length === wanted.length && wanted.every((item, i) => holds(there[i], item));
  }
  if (typeof wanted !== 'object' || wanted === null) return there === wanted;
  if (typeof there !== 'object' || there === null) return false;
  const has = there as Readonly<Record<string, unknown>>;
  return Object.entries(wanted).every(([key, value]) => value === undefined || holds(has[key], value));
}
