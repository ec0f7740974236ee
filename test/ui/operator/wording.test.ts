import { expect, it } from 'vitest';
import { nameInFull } from '../../../ui/operator/src/wording.ts';

it('sets the id, by which mails and logs go, beside a name that is another', () => {
  expect(nameInFull({ name: 'Mill 1', machineId: 'CNC-001' })).toBe('Mill 1 (CNC-001)');
  expect(nameInFull({ name: 'CNC-001', machineId: 'CNC-001' })).toBe('CNC-001');
});
