import type { StoreEnv } from '../ports/store-env.ts';

type Json = Readonly<Record<string, unknown>>;

export interface DataSource extends Json {
  readonly uid: string;
  readonly name: string;
  /** Goes in and never comes out again. */
  readonly secureJsonData?: Json;
}

export interface DashboardJson extends Json {
  readonly uid: string;
}

/** What a workspace is to hold. */
export interface Content {
  readonly plugins: readonly string[];
  readonly dataSources: readonly DataSource[];
  readonly folder: { readonly uid: string; readonly title: string };
  readonly dashboards: readonly DashboardJson[];
}

export interface ContentParts {
  readonly store: StoreEnv;
  readonly region: string;
  readonly uids: { readonly store: string; readonly cloudwatch: string };
  readonly dashboards: readonly DashboardJson[];
  /** Of InfluxDB. */
  readonly loadToken: () => Promise<string>;
}

const timestreamPlugin = 'grafana-timestream-datasource';
/** The workspace's own role (Amazon Managed Grafana user guide, "Workspace IAM Role"). */
const authType = 'ec2_iam_role';

export async function describeContent(parts: ContentParts): Promise<Content> {
  const { store, region, uids, dashboards } = parts;
  const cloudWatch: DataSource = {
    uid: uids.cloudwatch,
    name: 'Factory Twin CloudWatch',
    type: 'cloudwatch',
    access: 'proxy',
    jsonData: { authType, defaultRegion: region },
  };
  return {
    plugins: store.STORE === 'timestream' ? [timestreamPlugin] : [],
    dataSources: [await describeStore(parts), cloudWatch],
    folder: { uid: 'factory-twin', title: 'Factory Twin' },
    dashboards,
  };
}

async function describeStore({ store, region, uids, loadToken }: ContentParts): Promise<DataSource> {
  const common = { uid: uids.store, name: 'Factory Twin store', access: 'proxy' };
  if (store.STORE === 'timestream') {
    // The plugin puts the names into queries as they are, and Timestream wants them quoted.
    const names = { defaultDatabase: `"${store.STORE_DATABASE}"`, defaultTable: `"${store.STORE_TABLE}"` };
    return { ...common, type: timestreamPlugin, jsonData: { authType, defaultRegion: region, ...names } };
  }
  return {
    ...common,
    type: 'influxdb',
    url: store.STORE_URL,
    jsonData: {
      version: 'InfluxQL',
      dbName: store.STORE_DATABASE,
      httpMode: 'POST',
      httpHeaderName1: 'Authorization',
    },
    secureJsonData: { httpHeaderValue1: `Bearer ${await loadToken()}` },
  };
}
