import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { runbookSections } from '../../core/incidents/runbook-section.ts';
import { synthesise } from './synthesis.ts';

/** Where no alarm leads, but a page, a mail, an event of the bus or another section does. */
const linkedOtherwise = ['maintenance', 'tune-a-rule', 'replay-events', 'model-drift', 'model-changed'];

it('every alarm leads to a section of the runbook, and every section is led to', () => {
  const { stacks, api, operations, desk } = synthesise('prod', {
    alerting: { routes: [{ channel: 'slack' }] },
    maintenance: { cmms: { url: 'https://cmms.plant.example/orders' } },
  });
  const alarms = [...stacks, api, operations, desk].flatMap((stack) =>
    Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => String(Properties.AlarmDescription).split('docs/runbook.md#')[1],
    ),
  );
  const sections = [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
    title.toLowerCase().replaceAll(' ', '-'),
  );
  const led = new Set([...alarms, ...runbookSections, ...linkedOtherwise]);
  expect(sections.toSorted()).toEqual([...led].toSorted());
});
