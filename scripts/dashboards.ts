/** Writes the Grafana dashboards from their functions, for both stores; a test says when they differ. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { questionsOf, renderDashboards } from '../ui/grafana/all.ts';
import { laptopPlant } from '../ui/grafana/laptop-plant.ts';
import type { StoreKind } from '../ui/grafana/questions.ts';

const folder = 'ui/grafana/generated';

if (process.argv.includes('--help')) {
  process.stdout.write(`npm run dashboards writes ${folder}/<store>/*.json from the functions in ui/grafana.\n`);
} else {
  for (const store of Object.keys(questionsOf) as StoreKind[]) {
    mkdirSync(join(folder, store), { recursive: true });
    for (const [name, dashboard] of Object.entries(renderDashboards(store, laptopPlant))) {
      const path = join(folder, store, `${name}.json`);
      writeFileSync(path, `${JSON.stringify(dashboard, null, 2)}\n`);
      console.error(path);
    }
  }
}
