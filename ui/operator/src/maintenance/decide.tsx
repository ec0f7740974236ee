import type { DecisionBody, WorkOrderView } from '../../../../core/api/work-orders.ts';
import { AskReason } from '../ask-reason.tsx';
import { useClient, useMayAct } from '../connection/session-context.ts';
import { useDoing } from '../doing.ts';
import { Problem } from '../problem.tsx';
import { formatTime } from '../wording.ts';
import { usualDeferralHours } from './order-words.ts';

interface Props {
  readonly order: WorkOrderView;
  readonly onDone: () => void;
}

const verdictWords: Readonly<Record<DecisionBody['verdict'], string>> = {
  approve: 'approve it',
  defer: 'put it off',
  reject: 'reject it',
};

/** A person decides on a work order; what needs two people says whose word is still missing. */
export function Decide({ order, onDone }: Props) {
  const client = useClient();
  const path = `/api/work-orders/${encodeURIComponent(order.workOrderId)}/decisions`;
  const { run, problem, isBusy } = useDoing((decision: DecisionBody) => client.post(path, decision));
  const decide = async (decision: DecisionBody): Promise<boolean> => {
    const isDone = await run(decision);
    if (isDone) onDone();
    return isDone;
  };
  if (!useMayAct()) return <Voices order={order} />;
  return (
    <>
      <Voices order={order} />
      <div class="acts">
        <button
          type="button"
          class="primary"
          disabled={isBusy}
          onClick={() => decide({ verdict: 'approve', reason: '' })}
        >
          Approve
        </button>
        <AskReason
          title="Defer"
          label="Why it may wait"
          untilHours={usualDeferralHours(order)}
          onGiven={(reason, until) => decide({ verdict: 'defer', reason, until: until ?? '' })}
        />
        <AskReason title="Reject" label="Why not" onGiven={(reason) => decide({ verdict: 'reject', reason })} />
      </div>
      <Problem what="Not decided" text={problem} />
    </>
  );
}

function Voices({ order: { voices, voicesNeeded } }: { readonly order: WorkOrderView }) {
  const needsTwo = Math.max(...Object.values(voicesNeeded)) > 1;
  if (!needsTwo && voices.length === 0) return null;
  return (
    <div class="small">
      {needsTwo && (
        <p class="quiet">The twin says do not proceed: to put it off or to reject it, two people must agree.</p>
      )}
      {voices.map(({ by, verdict, reason, at }) => {
        const missing = voicesNeeded[verdict] - voices.filter((voice) => voice.verdict === verdict).length;
        return (
          <p key={`${by} ${at}`}>
            <strong>{by}</strong> wants to {verdictWords[verdict]}
            {reason !== '' && `: ${reason}`} <span class="quiet">({formatTime(at)})</span>
            {missing > 0 && <span class="badge warning"> a second person is needed</span>}
          </p>
        );
      })}
    </div>
  );
}
