import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as waitMs } from 'node:timers/promises';
import type { InfluxDbPlace } from '../../../lambdas/adapters/influxdb-place.ts';

/** Debian's server, `apt-get install influxdb`: version 1, whose line protocol and InfluxQL are the same. */
export const isInfluxDbInstalled = spawnSync('influxd', ['version']).status === 0;

export interface InfluxDbServer {
  place(database: string): InfluxDbPlace;
  query(database: string, influxQl: string): Promise<Record<string, unknown>[]>;
  stop(): void;
}

export async function startInfluxDb(): Promise<InfluxDbServer> {
  const folder = mkdtempSync(join(tmpdir(), 'factory-twin-influxdb-'));
  const port = await findFreePort();
  const configuration = join(folder, 'influxdb.conf');
  writeFileSync(configuration, configure(folder, { httpPort: port, rpcPort: await findFreePort() }));
  const server = spawn('influxd', ['-config', configuration], { stdio: 'ignore' });
  const base = `http://127.0.0.1:${port}`;
  await waitUntilUp(`${base}/ping`, server);
  return {
    place: (database) => ({
      writeUrl: `${base}/write?db=${database}&precision=ms`,
      queryUrl: `${base}/query?db=${database}&epoch=ms`,
      // Version 1 makes databases in its own words.
      creation: { url: `${base}/query?q=CREATE+DATABASE+${database}`, body: '' },
    }),
    async query(database, influxQl) {
      const answer = await fetch(`${base}/query?db=${database}&epoch=ms&q=${encodeURIComponent(influxQl)}`);
      const body = (await answer.json()) as { results: { series?: { columns: string[]; values: unknown[][] }[] }[] };
      const [series] = body.results[0]?.series ?? [];
      return (series?.values ?? []).map((row) =>
        Object.fromEntries(series!.columns.map((column, i) => [column, row[i]])),
      );
    },
    stop() {
      server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const configure = (folder: string, ports: { readonly httpPort: number; readonly rpcPort: number }): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${ports.rpcPort}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
[http]
bind-address = "127.0.0.1:${ports.httpPort}"
log-enabled = false
`;

async function waitUntilUp(pingUrl: string, server: ChildProcess): Promise<void> {
  const isUp = (): Promise<boolean> =>
    fetch(pingUrl).then(
      (answer) => answer.ok,
      () => false,
    );
  for (let tries = 0; tries < 300; tries++) {
    if (await isUp()) return;
    if (server.exitCode !== null) throw new Error(`influxd ended with ${server.exitCode}`);
    await waitMs(50);
  }
  throw new Error('influxd did not come up within 15 s');
}
