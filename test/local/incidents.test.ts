import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Json, owner } from '../../local/engine.ts';
import { type Sketch, sketchCase } from '../core/incidents/plant.ts';
import { openLaptop, synthesise, type TestLaptop } from './assembly.ts';

const busOf = ({ laptop }: TestLaptop): string =>
  laptop.lambda.listFunctions().find(({ settings }) => settings.environment.INCIDENT_TABLE)!.settings.environment
    .EVENT_BUS!;

const publish = (test: TestLaptop, sketch: Sketch): Promise<unknown> => {
  const entry = {
    EventBusName: busOf(test),
    Source: 'factory.twin',
    DetailType: 'anomaly',
    Detail: JSON.stringify(sketchCase(sketch)),
  };
  return test.laptop.cloud.call('events', 'PutEvents', { Entries: [entry] }, owner);
};

const readMailbox = ({ folder }: TestLaptop): string[] => {
  const mailbox = join(folder, 'data', 'mailbox');
  try {
    return readdirSync(mailbox).map((name) => readFileSync(join(mailbox, name), 'utf8'));
  } catch {
    return []; // made with the first mail
  }
};

describe('a fault on the laptop', () => {
  let test: TestLaptop;
  const events: Json[] = [];
  beforeAll(async () => {
    await synthesise();
    test = await openLaptop();
    test.laptop.events.listeners.add((event) => events.push(event));
  });
  afterAll(() => test?.stop());

  it('gives one incident and one readable mail, however often its event comes', async () => {
    for (let i = 0; i < 3; i++) await publish(test, { severity: 'critical' });
    await publish(test, { machineId: 'PUMP-002' });
    await vi.waitFor(() => expect(readMailbox(test)).toHaveLength(2), { timeout: 15_000, interval: 50 });
    const [mail = ''] = readMailbox(test);
    expect(mail).toContain('Subject: [CRITICAL] New: PUMP-001: vibration');
    expect(mail).toContain('Kiel, cooling, PUMP-001 (centrifugal-pump)');
    expect(mail).toContain('vibration signal 8 mm/s, expected 5 mm/s, limits none to 7.1 mm/s');
    expect(mail).toContain('Replace the bearings');
    expect(events.filter((event) => event['detail-type'] === 'incident')).toHaveLength(2);
    expect(test.told).toEqual([]);
  });
});
