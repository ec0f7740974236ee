import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceUids } from '../../../ui/grafana/dashboard.ts';

/** The one that the build tools bring along. */
const { parse } = createRequire(import.meta.url)('yaml') as { parse(text: string): unknown };
const folder = 'deploy/grafana';
const read = <T>(file: string): T => parse(readFileSync(join(folder, file), 'utf8')) as T;

interface Compose {
  readonly services: {
    readonly grafana: {
      readonly image: string;
      readonly environment: Readonly<Record<string, string>>;
      readonly volumes: readonly string[];
    };
  };
}
interface DataSources {
  readonly datasources: readonly { readonly uid: string; readonly type: string }[];
}

/** Data sources inside Grafana itself (Grafana documentation, "Built-in core data sources"). */
const builtIn = ['influxdb', 'cloudwatch'];

interface Panel {
  readonly datasource?: { readonly type: string };
}

const dashboardsOf = (store: string): Panel[] =>
  globSync(`ui/grafana/generated/${store}/*.json`).flatMap(
    (file) => (JSON.parse(readFileSync(file, 'utf8')) as { panels: Panel[] }).panels,
  );

const { grafana } = read<Compose>('docker-compose.yml').services;

describe.each(['timestream', 'influxdb'])('docker-compose for plain Grafana on %s', (store) => {
  const mounted = grafana.volumes.map((volume) => volume.replaceAll('${STORE:-timestream}', store).split(':'));

  it('mounts files that exist, read only', () => {
    for (const [source, , mode] of mounted) {
      expect(existsSync(join(folder, source!)), source).toBe(true);
      expect(mode).toBe('ro');
    }
  });

  it('has the data sources that the dashboards choose, and the dashboards where Grafana looks for them', () => {
    const { datasources } = read<DataSources>(`provisioning/datasources/${store}.yml`);
    expect(datasources.map(({ uid }) => uid)).toEqual(Object.values(sourceUids));
    const { providers } = read<{ providers: { options: { path: string } }[] }>('provisioning/dashboards.yml');
    expect(mounted.map(([, target]) => target)).toContain(providers[0]!.options.path);
  });

  it('has a data source for the kind that each panel asks, and installs what Grafana does not bring', () => {
    const { datasources } = read<DataSources>(`provisioning/datasources/${store}.yml`);
    const types = datasources.map(({ type }) => type);
    const asked = dashboardsOf(store).flatMap(({ datasource }) => (datasource === undefined ? [] : [datasource.type]));
    expect(new Set(asked)).toEqual(new Set(types));
    const installed = grafana.environment.GF_INSTALL_PLUGINS!.split(',');
    for (const type of types) expect([...builtIn, ...installed]).toContain(type);
  });

  it('passes on every setting that the data sources name', () => {
    const text = readFileSync(join(folder, `provisioning/datasources/${store}.yml`), 'utf8').replaceAll(/^#.*$/gm, '');
    const named = [...text.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(Object.keys(grafana.environment)).toContain(name);
  });
});
