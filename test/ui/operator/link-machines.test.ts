import { expect, it } from 'vitest';
import { linkMachines } from '../../../ui/operator/src/incidents/link-machines.ts';

const read = (where: string, machineIds: readonly string[]) =>
  linkMachines(where, machineIds)
    .map(({ text, isMachine }) => (isMachine ? `[${text}]` : text))
    .join('');

it('links a machine where it is named, once', () => {
  expect(read('Kiel, A, PUMP-1 (centrifugal-pump)', ['PUMP-1'])).toBe('Kiel, A, [PUMP-1] (centrifugal-pump)');
  expect(read('Kiel: PUMP-12, PUMP-1', ['PUMP-1', 'PUMP-12'])).toBe('Kiel: [PUMP-12], [PUMP-1]');
});

it('links those after it that the place leaves out', () => {
  expect(read('Kiel: P-1 and 2 more', ['P-1', 'P-2', 'P-3'])).toBe('Kiel: [P-1] and 2 more: [P-2], [P-3]');
  expect(read('Kiel: P-12 and 1 more', ['P-12', 'P-1'])).toBe('Kiel: [P-12] and 1 more: [P-1]');
});
