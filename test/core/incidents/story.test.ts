import { describe, expect, it } from 'vitest';
import { describeEntry } from '../../../core/incidents/story.ts';
import { createPlant } from './plant.ts';

describe('an incident’s history, entry by entry', () => {
  it.each([
    [
      'episode',
      { transition: { code: 'suction_loss', kind: 'opened' }, machineId: 'PUMP-2', severity: 'critical', to: 'open' },
      'Suction loss opened at PUMP-2, critical',
    ],
    [
      'episode',
      { transition: { code: 'npsh_low', kind: 'cleared' }, machineId: 'PUMP-2', severity: 'warning', to: 'open' },
      'NPSH low cleared at PUMP-2, warning',
    ],
    [
      'episode',
      {
        transition: { code: 'npsh_low', title: 'Suction head margin below 1 m', kind: 'opened' },
        machineId: 'PUMP-2',
        severity: 'warning',
      },
      'Suction head margin below 1 m opened at PUMP-2, warning',
    ],
    ['tick', { from: 'open', to: 'open' }, 'Nobody acknowledged it: told to the next in line'],
    ['tick', { from: 'resolved', to: 'closed' }, 'Closed, for it stayed away'],
    ['tick', { from: 'shelved', to: 'open' }, 'Back from the shelf'],
    ['acknowledge', { from: 'open', to: 'acknowledged', severity: 'critical' }, 'Acknowledged'],
    ['comment', { text: 'smells burnt', to: 'open' }, 'Comment: smells burnt'],
    ['shelve', { reason: 'part is on its way', to: 'shelved' }, 'Shelved: part is on its way'],
    ['moved_out', { episodeIds: [], movedTo: 'Kiel.group.1', to: 'closed' }, 'Went to another incident: Kiel.group.1'],
  ])('%s', (kind, detail, told) => {
    expect(describeEntry({ kind, detail })).toBe(told);
  });

  it('tells of what people did by the names they gave', () => {
    const plant = createPlant();
    plant.observe({ machineId: 'PUMP-2', code: 'suction_loss' });
    const [id] = plant.incidents.keys();
    plant.act(id!, { kind: 'acknowledge', by: 'Ines' });
    plant.act(id!, { kind: 'assign', by: 'Ines', to: 'Ola Lind' });
    plant.act(id!, { kind: 'start_work', by: 'Ola Lind' });
    expect(plant.history.map(describeEntry)).toEqual([
      'Suction loss opened at PUMP-2, warning',
      'Acknowledged',
      'Assigned: Ola Lind',
      'Work started',
    ]);
  });
});
