import { describe, expect, it } from 'vitest';
import { createTeaching } from '../../../local/teaching/answer.ts';

const open = () => {
  const answer = createTeaching();
  const get = (address: string) => {
    const { pathname, searchParams } = new URL(address, 'http://laptop');
    return answer({ method: 'GET', path: pathname, query: searchParams, headers: {}, body: Buffer.alloc(0) });
  };
  return { get, json: (address: string) => JSON.parse(String(get(address)?.body)) };
};

describe('the teaching scenario', () => {
  it('begins with the published first event and counts up', () => {
    const { json } = open();
    expect(json('/api/next')).toMatchObject({
      event: { sequence: 0, part_id: 'BRACKET-6305', spindle_load_pct: 27.29, anomaly_label: 'normal' },
      twin: { codes: [], decision: 'proceed', confidence: expect.any(Number) },
    });
    expect(
      json('/api/next?count=10').events.map(({ event }: { event: { sequence: number } }) => event.sequence),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('comes to the published counts over 240 events, and to the same bytes each time', () => {
    const { get, json } = open();
    for (let i = 0; i < 10; i++) json('/api/next?count=24');
    expect(json('/api/status')).toMatchObject({
      events: 240,
      codes: {
        load_residual: 25,
        chatter_risk: 24,
        thermal_drift: 18,
        tool_wear: 96,
        feed_mismatch: 7,
        sensor_dropout: 6,
      },
      decisions: { proceed: 104, watch: 14, human_review: 23, schedule_intervention: 86, do_not_proceed: 13 },
    });
    const exported = String(get('/api/export.csv')?.body);
    expect(exported).toBe(String(get('/data/sample_run.csv')?.body));
    expect(exported.split('\n')).toHaveLength(242);
    expect(exported).toContain(',sensor_dropout,sensor_dropout,warning,');
    expect(json('/api/reset').events).toBe(0);
    expect(json('/api/next').event.sequence).toBe(0);
  });

  it('refuses other counts by a sentence, and leaves other addresses alone', () => {
    const { get, json } = open();
    for (const count of ['0', '26', '-1', '2.5', 'many', '']) {
      expect(get(`/api/next?count=${count}`)?.statusCode, count).toBe(400);
    }
    expect(json('/api/next?count=26').detail).toBe('count: got "26", allowed is a whole number from 1 to 25');
    expect(get('/api/machines')).toBeUndefined();
  });
});
