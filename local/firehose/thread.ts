/** The thread in which records are sorted and compressed: of ten thousand a second a tenth of a processor's time. */
import { parentPort } from 'node:worker_threads';
import { answerCalls } from '../thread.ts';
import { type Batch, Sorter, type SortingRules } from './sorter.ts';

const sorters = new Map<string, Sorter>();

const functions = {
  /** Forgets what was added and not taken. */
  begin: (delivery: string, rules: SortingRules) => {
    sorters.set(delivery, new Sorter(rules));
  },
  add: (delivery: string, batch: Batch) => sorters.get(delivery)!.add(batch),
  take: (delivery: string) => sorters.get(delivery)!.take(),
};

export type SortingFunctions = typeof functions;

answerCalls(parentPort!, functions);
