import { describe, expect, it } from 'vitest';
import { shareOut } from '../../../local/command/simulator-process.ts';

const machines = [
  { type: 'cnc-mill', count: 2 },
  { type: 'centrifugal-pump', count: 1 },
  { type: 'cnc-mill', count: 1 },
];

describe('the processes of a simulated factory', () => {
  it('are one a machine type, each with the faults that its machines can have', () => {
    const shares = shareOut({
      ...{ machines, config: null },
      faults: ['tool_wear@1s', 'cavitation@1s%PUMP-001', 'tool_wear@2s%CNC-002'],
    });
    expect(shares.map(({ type, machines: own }) => [type, own.map(({ count }) => count)])).toEqual([
      ['cnc-mill', [2, 1]],
      ['centrifugal-pump', [1]],
    ]);
    expect(shares.map(({ faults }) => faults)).toEqual([
      ['tool_wear@1s', 'tool_wear@2s%CNC-002'],
      ['cavitation@1s%PUMP-001'],
    ]);
  });

  it('give the machines of a plant’s list to the generic ones, with the faults that name them', () => {
    const one = { id: 'PRESS-7', sensors: { temperature: { min: 20, max: 60 } }, interval_seconds: 2 };
    const config = { path: '/plant.json', machines: [one] };
    const shares = shareOut({ machines: [], config, faults: ['overheating@1s%PRESS-7'] });
    expect(shares).toEqual([{ type: 'generic', machines: [], faults: ['overheating@1s%PRESS-7'] }]);
  });

  it('leave no fault out: one that fits no machine is given to one that refuses it', () => {
    expect(shareOut({ machines, config: null, faults: ['tool_wear@1s%CNC-009'] })[0]!.faults).toEqual([
      'tool_wear@1s%CNC-009',
    ]);
  });
});
