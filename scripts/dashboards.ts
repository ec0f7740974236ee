/** Writes the Grafana dashboards from their functions; a test says when they differ. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboards } from '../ui/grafana/all.ts';
import { renderDashboard } from '../ui/grafana/dashboard.ts';

const folder = 'ui/grafana/generated';

if (process.argv.includes('--help')) {
  process.stdout.write(`npm run dashboards writes ${folder}/*.json from the functions in ui/grafana.\n`);
} else {
  mkdirSync(folder, { recursive: true });
  for (const [name, dashboard] of Object.entries(dashboards)) {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, `${JSON.stringify(renderDashboard(dashboard), null, 2)}\n`);
    console.error(path);
  }
}
