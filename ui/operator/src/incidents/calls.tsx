import type { Shift } from '../../../../core/api/desk.ts';
import { sitesOf, usePlant } from '../connection/plant.ts';
import { usePolled } from '../connection/polled.ts';
import { useClient } from '../connection/session-context.ts';
import { formatTime } from '../wording.ts';

const everyMs = 10_000;

/** How many calls to people the shift had, of how many it may have: past them only what is critical calls. */
export function Calls() {
  const client = useClient();
  const sites = sitesOf(usePlant());
  const polled = usePolled(`calls of ${sites.join()}`, everyMs, (signal) =>
    Promise.all(sites.map((site) => client.get<Shift>(`/api/shift?site=${encodeURIComponent(site)}`, signal))),
  );
  return (
    <>
      {(polled.value ?? []).map(({ site, pages, budget, endsAt }) => (
        <p key={site} class="quiet small">
          {sites.length > 1 ? `${site}: ` : ''}
          {pages} of {budget} calls this shift, which ends {formatTime(endsAt)}
          {pages < budget ? '' : '. Now only what is critical calls somebody.'}
        </p>
      ))}
    </>
  );
}
