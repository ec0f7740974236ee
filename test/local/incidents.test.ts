import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Operations, openOperations } from './operations.ts';

describe('a fault on the laptop', () => {
  let test: Operations;
  beforeAll(async () => {
    test = await openOperations();
  });
  afterAll(() => test?.stop());

  it('gives one incident and one readable mail, however often its event comes', async () => {
    const openedAtMs = Date.now();
    for (let i = 0; i < 3; i++) await test.observe({ severity: 'critical', decision: 'human_review', openedAtMs });
    await test.observe({ machineId: 'PUMP-002', decision: 'human_review' });
    await test.until(() => expect(test.mails()).toHaveLength(2));
    const [mail = ''] = test.mails();
    expect(mail).toContain('Subject: [CRITICAL] New: PUMP-001: Vibration');
    expect(mail).toContain('Kiel, cooling, PUMP-001 (centrifugal-pump)');
    expect(mail).toContain('vibration signal 8 mm/s, expected 5 mm/s, at most 7.1 mm/s');
    expect(mail).toContain('Replace the bearings');
    expect(mail).toContain(`Page:        ${test.laptop.url}/#/incidents/PUMP-001.vibration.`);
    expect(mail).toMatch(/page 1 of 12 this shift/);
    expect(test.events.filter((event) => event['detail-type'] === 'incident')).toHaveLength(2);
    expect(test.told).toEqual([]);
  });

  it('is acknowledged by the link of its mail, once, and not by a scanner that follows it', async () => {
    const [mail = ''] = test.mails();
    const link = /Acknowledge: (\S+)/.exec(mail)?.[1] ?? '';
    const read = async (url: string, method = 'GET') => {
      const response = await fetch(url, { method });
      return `${response.status} ${await response.text()}`;
    };
    expect(await read(link)).toMatch(/^200 .*<form method="post">/);
    expect(await read(link)).toMatch(/^200 .*<form method="post">/);
    expect(await read(link.replace('PUMP-001', 'PUMP-002'), 'POST')).toMatch(/^403 .*not one of ours/);
    expect(await read(link, 'POST')).toMatch(/^200 .* is acknowledged by critical, by a link\./);
    expect(await read(link)).toMatch(/^200 .*acknowledged by critical, by a link/);
    const incidentId = /Incident id: (\S+),/.exec(mail)?.[1] ?? '';
    const view = await test.desk.show(incidentId);
    expect(view).toMatchObject({ ok: true, value: { incident: { state: 'acknowledged' }, historyBreak: null } });
    expect(test.events.at(-1)).toMatchObject({ 'detail-type': 'incident', detail: { kind: 'acknowledged' } });
  });

  it('goes from request over approval and work to a label, and the part starts anew', async () => {
    const openedAtMs = Date.now();
    await test.observe({ machineId: 'PUMP-003', openedAtMs });
    const findMail = () => test.mails().find((text) => text.includes('Please decide')) ?? '';
    await test.until(() => expect(findMail()).not.toBe(''));
    const mail = findMail();
    const workOrderId = /Work order: (\S+)/.exec(mail)?.[1] ?? '';
    expect(mail).toMatch(/Acting: +936 €/);

    const voice = { by: 'Ines', verdict: 'approve', reason: '', untilMs: null, atMs: Date.now() } as const;
    expect(await test.desk.decide(workOrderId, voice)).toMatchObject({ ok: true, value: { state: 'approved' } });
    await test.until(() => expect(test.news()).toEqual(['proposed', 'scheduled']));
    const findings = {
      result: 'confirmed',
      text: 'outer race',
      partsReplaced: ['bearing 6205'],
      by: 'Ola',
      atMs: Date.now(),
    } as const;
    await test.until(() => expect(test.laptop.states.listExecutions()[0]).toMatchObject({ state: 'Await' }));
    expect(await test.desk.report(workOrderId, findings)).toMatchObject({ ok: true, value: { state: 'done' } });
    await test.until(() => expect(test.laptop.states.listExecutions()[0]?.status).toBe('SUCCEEDED'));
    expect(test.news()).toEqual(['proposed', 'scheduled', 'done']);
    expect(test.events.at(-1)?.detail).toMatchObject({
      label: { predicted: 'bearing_wear', actual: 'bearing_wear', result: 'confirmed' },
      precision: 1,
    });
    expect(await test.desk.report(workOrderId, findings)).toMatchObject({ ok: false });
    expect(await test.desk.schedule('Kiel')).toMatchObject({ upcoming: [], costs: { done: 1, avoidedEur: 1066 } });
  });

  it('asks for no maintenance on data that cannot be trusted', async () => {
    const before = test.news().length;
    await test.observe({ machineId: 'PUMP-004', quality: 'stuck' });
    await test.until(() => expect(test.subjects().some((subject) => subject.includes('PUMP-004'))).toBe(true));
    expect(
      test.events.some((e) => e['detail-type'] === 'maintenance_request' && JSON.stringify(e).includes('PUMP-004')),
    ).toBe(false);
    expect(test.news()).toHaveLength(before);
  });
});
