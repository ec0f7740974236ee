import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventSchemas } from '../../core/events/event-schemas.ts';
import { detailTypes } from '../../core/events/event-types.ts';
import { maintenanceNews } from '../../core/maintenance/wording.ts';

it('names every event of the bus, and every news of a work order', () => {
  const text = readFileSync('docs/events.md', 'utf8');
  const named = [...text.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell]) => cell!.replaceAll('`', '').split(', '));
  expect(named.toSorted()).toEqual([...detailTypes].toSorted());
  expect(Object.keys(eventSchemas).toSorted()).toEqual([...detailTypes].toSorted());
  for (const news of maintenanceNews) expect(text).toContain(`\`${news}\``);
});
