/**
 * Operations that list what an engine holds, a page at a time. A page's token is the id of its last item, as DynamoDB
 * and Kinesis document it and the others leave open; so what comes or goes between two pages moves no other item.
 */
import { type Json, type Operation, ServiceError } from './engine.ts';

/** How a service spells its pages. */
export interface Paging {
  /** Null where a caller cannot choose. */
  readonly size: string | null;
  readonly after: string;
  /** Where it is not called as `after` is. */
  readonly next?: string;
  /** A member of the answer that says whether there is more. */
  readonly more?: string;
}

export interface Listing {
  /** As IAM spells it: `sqs:ListQueues`. */
  readonly action: string;
  /** For the actions that the Service Authorization Reference gives a resource; the others are allowed on `*`. */
  readonly resource?: (input: Json) => string;
  readonly paging: Paging;
  /** Members beside those of the paging; `find` heeds them. */
  readonly members?: readonly string[];
  /** The member of the answer that holds the items. */
  readonly into: string;
  find(input: Json): Iterable<readonly [id: string, item: unknown]>;
}

/** As most services do where the caller does not say. */
const usualPageSize = 100;

export const listing = ({ action, resource, paging, members = [], into, find }: Listing): Operation => ({
  members: [...members, paging.after, ...(paging.size === null ? [] : [paging.size])],
  access: (input) => [{ action, resource: resource?.(input) ?? '*' }],
  run: (input): Json => {
    const { size, after, next = after, more } = paging;
    const left = dropUntil([...find(input)], input[after], `${action}: ${after}`);
    const page = left.slice(0, size === null ? usualPageSize : readSize(input[size], `${action}: ${size}`));
    const hasMore = page.length < left.length;
    return {
      [into]: page.map(([, item]) => item),
      ...(more !== undefined && { [more]: hasMore }),
      ...(hasMore && { [next]: page.at(-1)![0] }),
    };
  },
});

type Entries = readonly (readonly [id: string, item: unknown])[];

function dropUntil(entries: Entries, token: unknown, what: string): Entries {
  if (token === undefined || token === '') return entries;
  const at = entries.findIndex(([id]) => id === token);
  if (at >= 0) return entries.slice(at + 1);
  throw new ServiceError('ValidationException', `${what}: got "${String(token)}", allowed is what the last page gave`);
}

function readSize(given: unknown, what: string): number {
  const size = Number(given ?? usualPageSize);
  if (Number.isInteger(size) && size > 0) return size;
  throw new ServiceError('ValidationException', `${what}: got "${String(given)}", allowed is a whole number from 1`);
}

/** What a prefix that was asked for lets through. */
export const startsWith =
  (prefix: unknown) =>
  (name: string): boolean =>
    name.startsWith(String(prefix ?? ''));
