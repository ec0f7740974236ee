import { expect, it } from 'vitest';
import { describeOutcome } from '../../../bin/desk/outcome.ts';

it('says at the keyboard that a decision needs another person’s word', () => {
  const order = { incidentId: 'i', workOrderId: 'WO.i.bearing' };
  expect(describeOutcome({ ...order, state: 'proposed' })).toBe('WO.i.bearing is proposed; a second person must agree');
  expect(describeOutcome({ ...order, state: 'rejected' })).toBe('WO.i.bearing is rejected');
  expect(describeOutcome({ incidentId: 'i', state: 'acknowledged' })).toBe('i is acknowledged');
});
