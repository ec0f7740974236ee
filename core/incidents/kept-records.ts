/** What a site's board keeps of each of many. */
export interface Dated {
  readonly atMs: number;
  /** Nothing more is to come of it; absent in boards from before it was kept. */
  readonly isOver?: true;
}

/** An item of DynamoDB holds 400 KB; an entry takes some 150 bytes. */
export const mostEpisodes = 1500;
export const mostEnds = 300;

/** Those that go on before those that are over, each the newest first. */
export function keepNewest<T extends Dated>(all: Readonly<Record<string, T>>, most: number): Record<string, T> {
  const entries = Object.entries(all);
  if (entries.length <= most) return all;
  const rank = ({ isOver }: Dated): number => (isOver === true ? 1 : 0);
  entries.sort(([, a], [, b]) => rank(a) - rank(b) || b.atMs - a.atMs);
  return Object.fromEntries(entries.slice(0, most));
}
