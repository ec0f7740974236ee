import type { IncidentAct, IncidentView } from '../../../../core/api/desk.ts';
import { AskReason } from '../ask-reason.tsx';
import { useClient, useMayAct } from '../connection/session-context.ts';
import { type Doing, useDoing } from '../doing.ts';
import { Problem } from '../problem.tsx';
import { mayAssign, mayComment, mayShelve, nextActs } from './next-acts.ts';

export function useActs(incidentId: string): Doing<IncidentAct> {
  const client = useClient();
  return useDoing((act: IncidentAct) => client.post(`/api/incidents/${encodeURIComponent(incidentId)}/acts`, act));
}

interface Props {
  readonly incident: Pick<IncidentView, 'incidentId' | 'state' | 'acknowledged'>;
  /** With what is seldom done. */
  readonly withAll?: boolean;
  readonly onDone?: () => void;
}

export function Acts({ incident, withAll = false, onDone }: Props) {
  const { run, problem, isBusy } = useActs(incident.incidentId);
  if (!useMayAct()) return null;
  const act = async (what: IncidentAct): Promise<boolean> => {
    const isDone = await run(what);
    if (isDone) onDone?.();
    return isDone;
  };
  const canAssign = withAll && mayAssign(incident.state);
  const canComment = withAll && mayComment(incident.state);
  const canShelve = withAll && mayShelve(incident.state);
  return (
    <div class="acts">
      {nextActs[incident.state].map(([kind, title], i) => (
        <button
          key={kind}
          type="button"
          class={i === 0 ? 'primary' : ''}
          disabled={isBusy}
          onClick={() => act({ kind })}
        >
          {title}
        </button>
      ))}
      {canAssign && <AskReason title="Assign" label="To whom" onGiven={(to) => act({ kind: 'assign', to })} />}
      {canComment && <AskReason title="Comment" label="Comment" onGiven={(text) => act({ kind: 'comment', text })} />}
      {canShelve && (
        <AskReason
          title="Shelve"
          label="Why it may wait"
          untilHours={8}
          onGiven={(reason, until) => act({ kind: 'shelve', reason, until: until ?? '' })}
        />
      )}
      <Problem what="Not done" text={problem} />
    </div>
  );
}
