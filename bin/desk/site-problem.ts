import { unnamedSite } from '../../core/telemetry/site.ts';
import { quote } from '../command/run-command.ts';

/** A mistyped site would look like one where all is well; null where it is one of the registry's. */
export function findSiteProblem(site: string, machines: readonly { readonly site: string }[]): string | null {
  const sites = new Set(machines.map((machine) => machine.site || unnamedSite));
  if (sites.has(site)) return null;
  const known = sites.size === 0 ? 'the registry is empty' : `allowed are ${[...sites].sort().join(', ')}`;
  return `site: got ${quote(site)}, ${known}`;
}
