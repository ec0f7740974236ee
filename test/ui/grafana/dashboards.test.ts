import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { dashboardsFor, questionsOf, renderDashboards } from '../../../ui/grafana/all.ts';
import { laptopPlant } from '../../../ui/grafana/laptop-plant.ts';
import type { StoreKind } from '../../../ui/grafana/questions.ts';
import { resourcesOf, synthesise } from '../../lib/synthesis.ts';

const generated = 'ui/grafana/generated';
const stores = Object.keys(questionsOf) as StoreKind[];

interface Rendered {
  readonly uid: string;
  readonly panels: readonly {
    readonly title: string;
    readonly description: string;
    readonly gridPos: Record<'x' | 'y' | 'w' | 'h', number>;
    readonly fieldConfig: { readonly defaults: { readonly unit?: string; readonly thresholds?: object } };
  }[];
  readonly refresh: string;
  readonly links: readonly { readonly title: string; readonly url?: string }[];
}

const renderedFor = (store: StoreKind, plant = laptopPlant) =>
  Object.values(renderDashboards(store, plant)) as unknown as Rendered[];

describe.each(stores)('the Grafana dashboards for %s', (store) => {
  it('are committed as their functions write them: npm run dashboards makes them anew', () => {
    const folder = join(generated, store);
    const written = Object.fromEntries(
      globSync('*.json', { cwd: folder }).map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'))]),
    );
    const wanted = Object.entries(renderDashboards(store, laptopPlant)).map(([name, json]) => [`${name}.json`, json]);
    expect(written).toEqual(Object.fromEntries(wanted));
  });

  it('say of each panel what it shows, in which unit, and where it turns red', () => {
    for (const { panels } of renderedFor(store)) {
      for (const { title, description, fieldConfig } of panels) {
        expect(description.length, title).toBeGreaterThan(3);
        expect(fieldConfig.defaults.unit, title).toBeTypeOf('string');
        expect(fieldConfig.defaults.thresholds, title).toBeDefined();
      }
    }
  });

  it('ask a store that bills by query no oftener than each five minutes', () => {
    const dashboards = Object.values(dashboardsFor(store, laptopPlant));
    expect(dashboards.filter((asking) => asking.store !== null).map(({ refresh }) => refresh)).toEqual(
      Array.from({ length: 4 }, () => '5m'),
    );
  });

  it('lead to the incidents of the stage’s page, and to the runbook where one is published', () => {
    const plant = { ...laptopPlant, pageUrl: 'https://page.example', runbookUrl: 'https://plant.example/runbook' };
    for (const { links } of renderedFor(store, plant)) {
      expect(links.map(({ url }) => url)).toEqual([
        undefined,
        'https://page.example/#/incidents',
        'https://plant.example/runbook',
      ]);
    }
    for (const { links } of renderedFor(store)) expect(links.map(({ title }) => title)).not.toContain('Runbook');
  });

  it('place panels side by side without overlap, in 24 columns', () => {
    for (const { panels } of renderedFor(store)) {
      const taken = new Set<string>();
      for (const { gridPos } of panels) {
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.has(`${x},${y}`)).toBe(false);
            taken.add(`${x},${y}`);
          }
        }
      }
    }
  });
});

describe('Pipeline Operations', () => {
  const targets = dashboardsFor('timestream', laptopPlant)['pipeline-operations']!.panels.flatMap(({ queries }) =>
    queries.map(
      ({ target }) =>
        target as { namespace: string; metricName: string; label: string; dimensions: Record<string, [string]> },
    ),
  );

  it('asks for metrics that the functions count, by the service that counts them', () => {
    const own = targets.filter(({ namespace }) => namespace === 'FactoryTwin');
    expect(own.length).toBeGreaterThan(5);
    for (const { metricName, dimensions } of own) {
      const [service] = dimensions.service!;
      expect(Object.keys(dimensions), metricName).toEqual(['service', 'stage']);
      expect(countedBy(service), `${service}: ${metricName}`).toContain(metricName);
    }
  });

  it('sends people to sections that the runbook has', () => {
    const headings = [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    const { panels } = dashboardsFor('timestream', laptopPlant)['pipeline-operations']!;
    const named = panels.flatMap(({ description }) => [...description.matchAll(/“(.+?)”/g)].map(([, name]) => name));
    expect(named.length).toBeGreaterThan(2);
    for (const name of named) expect(headings).toContain(name);
  });

  it('asks for its stage’s own, and tells lines of a search apart', () => {
    const ofProd = JSON.stringify(renderDashboards('timestream', { ...laptopPlant, stage: 'prod' }));
    expect(ofProd).toContain('"stage":["prod"]');
    expect(ofProd).not.toContain('"stage":["*"]');
    const searched = targets.filter(({ dimensions }) => Object.values(dimensions).some(([value]) => value === '*'));
    for (const { label, dimensions } of searched) {
      const [wild] = Object.entries(dimensions).find(([, [value]]) => value === '*')!;
      expect(label).toContain(`\${PROP('Dim.${wild}')}`);
    }
  });

  it('asks of AWS’s metrics for those that alarms watch, by the same dimensions, and what HTTP APIs tell', () => {
    const { templates, operations } = synthesise('dev');
    const alarms = resourcesOf(
      { templates: [...templates, Template.fromStack(operations)] },
      'AWS::CloudWatch::Alarm',
    ).map(({ properties }) => properties as { Namespace: string; MetricName: string; Dimensions?: { Name: string }[] });
    const watched = alarms.map(({ Namespace, MetricName, Dimensions = [] }) =>
      [Namespace, MetricName, ...Dimensions.map(({ Name }) => Name)].join(' '),
    );
    // API Gateway developer guide, "Work with metrics for HTTP APIs".
    watched.push(...['Count', '4xx', '5xx', 'Latency'].map((name) => `AWS/ApiGateway ${name} ApiId`));
    const asked = targets.filter(({ namespace }) => namespace !== 'FactoryTwin');
    expect(asked.length).toBeGreaterThan(3);
    for (const { namespace, metricName, dimensions } of asked) {
      expect(watched).toContain([namespace, metricName, ...Object.keys(dimensions)].join(' '));
    }
  });
});

/** What the code behind a service's composition root counts; HTTP functions count in lambdas/http. */
function countedBy(service: string): string[] {
  const root = globSync('lambdas/*/index.ts').find((file) =>
    readFileSync(file, 'utf8').includes(`createTelling('${service}'`),
  );
  if (root === undefined) return [];
  const sources = [...globSync(join(root, '../*.ts')), ...globSync('lambdas/http/*.ts')];
  return sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/metrics\.(?:count|durationMs)\('(\w+)'/g)].map(([, name]) => name!),
  );
}
