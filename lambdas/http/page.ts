import { Refusal } from './reply.ts';

export interface Paging {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of a list that is at hand whole: it goes on after the item that the page before ended with. */
export function takePage<T>(all: readonly T[], idOf: (item: T) => string, { limit, cursor }: Paging) {
  const from = cursor === undefined ? 0 : findAfter(all, idOf, fromCursor(cursor));
  const items = all.slice(from, from + limit);
  const last = items.at(-1);
  const isEnd = last === undefined || from + limit >= all.length;
  return { items, next: isEnd ? null : toCursor(idOf(last)) };
}

function findAfter<T>(all: readonly T[], idOf: (item: T) => string, id: string): number {
  const index = all.findIndex((item) => idOf(item) === id);
  if (index < 0)
    throw new Refusal(400, 'cursor: the page before is of a list that has changed; begin again without it');
  return index + 1;
}

export const toCursor = (text: string): string => Buffer.from(text).toString('base64url');
export const fromCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();
