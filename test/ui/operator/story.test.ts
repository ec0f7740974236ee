import { describe, expect, it } from 'vitest';
import { describeEntry } from '../../../ui/operator/src/incidents/story.ts';

describe('an incident’s history, entry by entry', () => {
  it.each([
    [
      'episode',
      { transition: { code: 'suction_loss', kind: 'opened' }, machineId: 'PUMP-2', severity: 'critical', to: 'open' },
      'Suction loss opened at PUMP-2, critical',
    ],
    ['tick', { from: 'open', to: 'open' }, 'Nobody took it: told to the next in line'],
    ['tick', { from: 'resolved', to: 'closed' }, 'Closed, for it stayed away'],
    ['tick', { from: 'shelved', to: 'open' }, 'Back from the shelf'],
    ['acknowledge', { from: 'open', to: 'acknowledged', severity: 'critical' }, 'Acknowledge'],
    ['comment', { text: 'smells burnt', to: 'open' }, 'Comment: smells burnt'],
    ['assign', { assignee: 'Ola', from: 'open', to: 'open' }, 'Assign: Ola'],
    ['moved_out', { movedTo: 'PUMP-2.x', from: 'open', to: 'closed' }, 'Moved out: PUMP-2.x'],
    ['shelve', { reason: 'part is on its way', to: 'shelved' }, 'Shelve: part is on its way'],
  ])('%s', (kind, detail, told) => {
    expect(describeEntry({ kind, detail })).toBe(told);
  });
});
