import { beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../core/incidents/history.ts';
import { type Incident, incidentIdOf } from '../../core/incidents/incident.ts';
import { openIncident } from '../../core/incidents/lifecycle.ts';
import { defaultIncidentPolicy as policy } from '../../core/incidents/policy.ts';
import type { Touched } from '../../core/incidents/receive.ts';
import { settle } from '../../core/incidents/settle.ts';
import type { SiteBoard } from '../../core/incidents/site-board.ts';
import type { IncidentStore } from '../../lambdas/ports/incident-store.ts';
import { sha256, sketchCase, startMs } from '../core/incidents/plant.ts';

/** What every incident store must do, whichever it is. */
export function testIncidentStore(name: string, createStore: () => Promise<IncidentStore>): void {
  describe(`${name} keeps the laws of an incident store`, () => {
    let store: IncidentStore;
    beforeEach(async () => {
      store = await createStore();
    });

    /** What a decision about a machine's new episode comes to. */
    const decide = (board: SiteBoard, machineId: string, before: Incident | null = null) => {
      const caseFile = sketchCase({ machineId });
      const incidentId = incidentIdOf(machineId, startMs, 'vibration');
      const incident = before ?? openIncident(incidentId, caseFile, { nowMs: startMs, policy });
      const event = { kind: 'episode', caseFile } as const;
      const touched: Touched[] = [{ before, event, step: { incident, isChange: true, notice: 'opened' } }];
      return settle(board, touched, { nowMs: startMs, policy, hash: sha256 });
    };
    const open = async (machineId: string): Promise<Incident> => {
      const written = decide(await store.loadBoard('Kiel'), machineId);
      expect(await store.save(written)).toBe(true);
      return written.incidents[0]!;
    };

    it('gives an empty board for a site it does not know, and no incident that is not there', async () => {
      expect(await store.loadBoard('Nowhere')).toMatchObject({ site: 'Nowhere', version: 0, episodes: {} });
      expect(await store.load(['i-1'])).toEqual(new Map());
    });

    it('gives back what was written, each as often as it is asked for', async () => {
      const opened = await Promise.all([open('PUMP-001')]);
      for (let i = 2; i <= 120; i++) opened.push(await open(`PUMP-${String(i).padStart(3, '0')}`));
      const found = await store.load(opened.map(({ incidentId }) => incidentId));
      expect(found.size).toBe(120);
      expect(found.get(opened[0]!.incidentId)).toEqual(opened[0]);
      expect((await store.loadBoard('Kiel')).version).toBe(120);
    });

    it('keeps the board of a site of thousands of machines', async () => {
      const incidentOf = (i: number) => [`hall-3-pump-${i}`, incidentIdOf(`hall-3-pump-${i}`, startMs, 'vibration')];
      const incidentOfMachine = Object.fromEntries(Array.from({ length: 6000 }, (_, i) => incidentOf(i)));
      const written = decide({ ...(await store.loadBoard('Kiel')), incidentOfMachine }, 'PUMP-001');
      expect(await store.save(written)).toBe(true);
      expect((await store.loadBoard('Kiel')).incidentOfMachine).toEqual(incidentOfMachine);
    });

    it('lets one of two writers win that decided on the same board, and keeps nothing of the other', async () => {
      const board = await store.loadBoard('Kiel');
      const [first, second] = [decide(board, 'PUMP-001'), decide(board, 'PUMP-002')];
      expect(await Promise.all([store.save(first), store.save(second)]).then((saved) => saved.sort())).toEqual([
        false,
        true,
      ]);
      const kept = await store.load([...first.incidents, ...second.incidents].map(({ incidentId }) => incidentId));
      expect(kept.size).toBe(1);
      const [winner] = kept.keys();
      expect(await store.listUntold(winner!)).toHaveLength(1);
    });

    it('refuses a change that was decided on an older version of the incident', async () => {
      const opened = await open('PUMP-001');
      const board = await store.loadBoard('Kiel');
      expect(await store.save(decide(board, 'PUMP-001', opened))).toBe(true);
      expect(await store.save(decide(await store.loadBoard('Kiel'), 'PUMP-001', opened))).toBe(false);
    });

    it('keeps the history in its order, whole', async () => {
      let incident = await open('PUMP-001');
      for (let i = 0; i < 11; i++) {
        const written = decide(await store.loadBoard('Kiel'), 'PUMP-001', incident);
        expect(await store.save(written)).toBe(true);
        incident = written.incidents[0]!;
      }
      const history: readonly HistoryEntry[] = await store.history(incident.incidentId);
      expect(history.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
      expect(history.at(-1)?.seal).toBe(incident.seal);
    });

    it('lets one teller at a time have a notice, until it is told or its time is over', async () => {
      const { incidentId } = await open('PUMP-001');
      const [notice] = await store.listUntold(incidentId);
      expect(await store.claim(notice!, startMs, startMs + 1000)).toBe(true);
      expect(await store.claim(notice!, startMs + 999, startMs + 2000)).toBe(false);
      expect(await store.claim(notice!, startMs + 1000, startMs + 2000)).toBe(true);
      await store.markTold(notice!);
      expect(await store.listUntold(incidentId)).toEqual([]);
      expect(await store.claim(notice!, startMs + 9000, startMs + 9999)).toBe(false);
    });

    it('takes a link once', async () => {
      expect(await store.useLink('link-1', startMs)).toBe(true);
      expect(await store.useLink('link-1', startMs)).toBe(false);
      expect(await store.useLink('link-2', startMs)).toBe(true);
      await store.freeLink('link-1');
      expect(await store.useLink('link-1', startMs)).toBe(true);
    });
  });
}
