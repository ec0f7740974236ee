import type { IncidentList, IncidentView } from '../../../../core/api/desk.ts';
import { useFeed } from '../connection/feed.ts';
import { sitesOf, usePlant } from '../connection/plant.ts';
import type { Polled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';

export type OpenIncidents = Polled<readonly IncidentView[]>;

/** What a colleague acknowledges is seen after this long at most. */
const everyMs = 1500;

/** Asked for once for the whole page: its views and the count beside their name show the same. */
export function useOpenIncidents(): OpenIncidents {
  const client = useClient();
  const sites = sitesOf(usePlant());
  const load = async (site: string, signal: AbortSignal): Promise<readonly IncidentView[]> => {
    const path = `/api/incidents?site=${encodeURIComponent(site)}`;
    return (await client.get<IncidentList>(path, signal)).incidents;
  };
  return useFeed(`incidents of ${sites.join()}`, {
    topics: sites.map((site) => `incidents:${site}`),
    everyMs: Math.max(everyMs, client.config.refreshEveryMs),
    ask: async (signal) => (await Promise.all(sites.map((site) => load(site, signal)))).flat(),
    fromEntries: (entries) => entries as unknown as readonly IncidentView[],
  });
}
