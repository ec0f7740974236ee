import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Fleet } from '../../../../core/api/rollup.ts';

/** Sites and lines with what they come to; null until it is known. */
export const Plant = createContext<Fleet | null>(null);

export const usePlant = (): Fleet | null => useContext(Plant);

/** None while a machine without a site would be missed by asking site by site. */
export function sitesOf(fleet: Fleet | null): readonly string[] {
  const sites = [...new Set((fleet?.lines ?? []).map(({ site }) => site))];
  return sites.includes('') ? [] : sites;
}
