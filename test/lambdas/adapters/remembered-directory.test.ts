import { expect, it } from 'vitest';
import { rememberFound } from '../../../lambdas/adapters/remembered-directory.ts';

it('asks the registry again after a while, and each time for who was not there', async () => {
  let [nowMs, asked] = [0, 0];
  const press = { machineId: 'P-1', machineType: 'generic', name: 'Press', site: 'Ulm', line: 'one' };
  let registered: typeof press | undefined;
  const find = async () => {
    asked += 1;
    return registered;
  };
  const directory = rememberFound({ list: async () => ({ machines: [], after: null }), find }, () => nowMs);

  expect(await directory.find('P-1')).toBeUndefined();
  registered = press;
  expect(await directory.find('P-1')).toEqual(press);
  registered = undefined;
  nowMs = 9_999;
  expect(await directory.find('P-1')).toEqual(press);
  expect(asked).toBe(2);
  nowMs = 10_000;
  expect(await directory.find('P-1')).toBeUndefined();
});
