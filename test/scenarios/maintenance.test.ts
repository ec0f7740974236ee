import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLabels } from '../../bin/train/read-labels.ts';
import { builtinMachineTypes } from '../../core/machine-types/builtin.ts';
import { requestByPerson } from '../../core/maintenance/request.ts';
import { type Json, owner } from '../../local/engine.ts';
import { type Operations, openOperations } from '../local/operations.ts';
import { expectEventsToKeepTheirSchemas } from './shop-floor.ts';

/** The ways of a work order that do not end in a repair at once, through the laptop's Step Functions; the wait for the shift is a second. */
const hurried = (template: string): string =>
  template.replaceAll('\\"TimeoutSecondsPath\\":\\"$.waitS\\"', '\\"TimeoutSeconds\\":1');

describe('work that', () => {
  let test: Operations;
  beforeAll(async () => {
    test = await openOperations(hurried);
  });
  afterAll(() => test?.stop());

  const detailsOf = (machineId: string): Json[] =>
    test.events.flatMap((event) => {
      const detail = event.detail as Json;
      return event['detail-type'] === 'maintenance' && detail.machineId === machineId ? [detail] : [];
    });
  const newsOf = (machineId: string): string[] => detailsOf(machineId).map(({ news }) => String(news));
  const orderOf = (machineId: string): string =>
    (detailsOf(machineId)[0]?.order as Json | undefined)?.workOrderId as string;
  const askFor = async (machineId: string): Promise<string> => {
    await test.observe({ machineId });
    await test.until(() => expect(newsOf(machineId)).toEqual(['proposed']));
    return orderOf(machineId);
  };
  const voice = (by: string, verdict: 'approve' | 'defer' | 'reject', untilMs: number | null = null) => ({
    ...{ by, verdict, untilMs, reason: verdict === 'approve' ? '' : 'the part is not here', atMs: Date.now() },
  });
  const nothingFound = { result: 'no_fault_found', text: '', partsReplaced: [], by: 'Ola' } as const;

  it('would lift a do_not_proceed is put off and refused by two people only, and asked again in between', async () => {
    const machine = { machineId: 'PUMP-401', machineType: 'centrifugal-pump', name: '', site: 'Kiel', line: 'cooling' };
    const asked = requestByPerson(
      { action: 'replace_bearing', reason: 'it howls' },
      {
        ...{
          machine,
          by: 'Ines',
          nowMs: Date.now(),
          twin: { severity: 'critical', advice: { decision: 'do_not_proceed' } },
        },
        type: builtinMachineTypes.find(({ name }) => name === 'centrifugal-pump')!,
      },
    );
    if (!asked.ok) throw new Error(asked.error);
    const Detail = JSON.stringify({ ...asked.value, machineId: machine.machineId });
    const entry = {
      EventBusName: 'factory-local-events',
      Source: 'factory.twin',
      DetailType: 'maintenance_request',
      Detail,
    };
    await test.laptop.cloud.call('events', 'PutEvents', { Entries: [entry] }, owner);
    await test.until(() => expect(newsOf(machine.machineId)).toEqual(['proposed']));
    const id = orderOf(machine.machineId);

    const untilMs = Date.now() + 1500;
    expect(await test.desk.decide(id, voice('Ines', 'defer', untilMs))).toMatchObject({ value: { state: 'proposed' } });
    expect(await test.desk.decide(id, voice('Ines', 'defer', untilMs))).toMatchObject({ value: { state: 'proposed' } });
    expect(await test.desk.decide(id, voice('Ola', 'defer', untilMs))).toMatchObject({ value: { state: 'deferred' } });
    await test.until(() => expect(newsOf(machine.machineId)).toEqual(['proposed', 'deferred', 'proposed']));
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs - 1000);
    expect(await test.desk.decide(id, voice('Ola', 'reject'))).toMatchObject({ value: { state: 'proposed' } });
    expect(await test.desk.decide(id, voice('Ines', 'reject'))).toMatchObject({ value: { state: 'rejected' } });
    await test.until(() => expect(newsOf(machine.machineId)).toEqual(['proposed', 'deferred', 'proposed', 'rejected']));
    expect(await test.desk.report(id, { ...nothingFound, atMs: Date.now() })).toMatchObject({ ok: false });
  });

  it('nobody does is asked after three times, then overdue, and still taken when it is done', async () => {
    const id = await askFor('PUMP-402');
    await test.desk.decide(id, voice('Ines', 'approve'));
    const waited = ['proposed', 'scheduled', 'reminder', 'reminder', 'reminder', 'overdue'];
    await test.until(() => expect(newsOf('PUMP-402')).toEqual(waited));
    await test.until(() => expect(test.subjects()).toContainEqual(expect.stringMatching(/Overdue: .*PUMP-402/)));
    await test.until(async () =>
      expect(await test.desk.report(id, { ...nothingFound, atMs: Date.now() })).toMatchObject({ ok: true }),
    );
    await test.until(() => expect(newsOf('PUMP-402')).toEqual([...waited, 'done']));
    expect(detailsOf('PUMP-402').at(-1)).toMatchObject({
      precision: 0,
      label: { actual: null, result: 'no_fault_found' },
    });
  });

  it('three times in a row finds no fault opens the task to tune its rule, once', async () => {
    await Promise.all(
      ['PUMP-403', 'PUMP-404'].map(async (machineId) => {
        const id = await askFor(machineId);
        await test.desk.decide(id, voice('Ines', 'approve'));
        await test.until(async () =>
          expect(await test.desk.report(id, { ...nothingFound, atMs: Date.now() })).toMatchObject({ ok: true }),
        );
      }),
    );
    await test.until(() => expect(test.news()).toContain('tuning'));
    expect(test.news().filter((news) => news === 'tuning')).toHaveLength(1);
    expect(await test.desk.rules('centrifugal-pump')).toMatchObject([
      { code: 'vibration', isToTune: true, precision: 0, counts: { no_fault_found: 3 } },
    ]);
    await test.until(() => expect(test.subjects()).toContainEqual(expect.stringMatching(/Tune the rule/)));
    const schedule = await test.desk.schedule('Kiel');
    expect(schedule).toMatchObject({ upcoming: [], undecided: [], costs: { done: 3, noFaultFound: 3, avoidedEur: 0 } });
    const labels = await test.desk.labels('Kiel');
    expect(labels).toHaveLength(3);
    const file = join(test.folder, 'labels.json');
    writeFileSync(file, JSON.stringify({ labels }));
    expect(readLabels(file)).toEqual(labels);
    expect(labels.every(({ fromMs, untilMs }) => fromMs < untilMs)).toBe(true);
  });

  it('is told in events that keep their schemas, and starts nothing on a machine', () => {
    expectEventsToKeepTheirSchemas(test.events);
    expect(test.events.filter((event) => event['detail-type'] === 'lifecycle')).toEqual([]);
  });
});
