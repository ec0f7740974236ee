import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Incident } from '../../core/incidents/incident.ts';
import { type Json, owner } from '../../local/engine.ts';
import { type Operations, openOperations } from './operations.ts';

let test: Operations;
beforeAll(async () => {
  test = await openOperations();
});
afterAll(() => test?.stop());

async function listLive(): Promise<Incident[]> {
  const input = {
    TableName: 'factory-local-incidents',
    IndexName: 'live',
    KeyConditionExpression: 'liveSite = :site',
    ExpressionAttributeValues: { ':site': { S: 'Kiel' } },
  };
  const { Items } = (await test.laptop.cloud.call('dynamodb', 'Query', input, owner)) as { Items: Json[] };
  return Items.map((item) => JSON.parse((item.json as { S: string }).S) as Incident);
}

it('makes two incidents of a heatwave over 100 pumps and one real failure, with a handful of mails', async () => {
  for (let i = 1; i <= 100; i++) {
    const machineId = `PUMP-${String(i).padStart(3, '0')}`;
    const isFailing = i === 57;
    await test.observe({
      machineId,
      code: 'bearing_heat',
      unit: '°C',
      decision: 'human_review',
      score: isFailing ? 19 : 4 + (i % 5) / 10,
      severity: isFailing ? 'critical' : 'warning',
    });
  }
  let live: Incident[] = [];
  const count = ({ episodes }: Incident) => Object.keys(episodes).length;
  await test.until(async () => {
    live = await listLive();
    expect(live.reduce((sum, incident) => sum + count(incident), 0)).toBe(100);
  });
  expect(live.map(({ kind }) => kind).sort()).toEqual(['group', 'machine']);
  const single = live.find(({ kind }) => kind === 'machine');
  expect(single?.caseFile.machineId).toBe('PUMP-057');
  await test.until(() => expect(test.subjects()).toContain('[CRITICAL] New: PUMP-057: bearing heat'));
  expect(test.subjects().length).toBeLessThanOrEqual(4);
  expect(test.subjects().some((subject) => subject.startsWith('[WARNING] Common cause: 3 machines at Kiel'))).toBe(
    true,
  );
});
