import { expect, it } from 'vitest';
import { openWire } from './wire.ts';

it('ends every engine, also after one that cannot end, and then says why that one could not', async () => {
  const ended: string[] = [];
  const wire = await openWire(
    ...['first', 'broken', 'last'].map((name) => () => ({
      name,
      operations: {},
      resources: {},
      stop: async () => {
        ended.push(name);
        if (name === 'broken') throw new Error('no space left on device');
      },
    })),
  );
  await expect(wire.stop()).rejects.toThrow('no space left on device');
  expect(ended).toEqual(['last', 'broken', 'first']);
});
