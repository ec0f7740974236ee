import { failure, type Result, success } from '../result.ts';
import { isEqual, type Mac } from './acknowledge-link.ts';
import { acknowledgeActionId } from './channels/slack.ts';

/**
 * A button that somebody pressed in Slack. Slack signs `v0:<timestamp>:<body>` with the app's signing secret; a request
 * older than five minutes could be somebody's recording (docs.slack.dev, "Verifying requests from Slack").
 */
export interface SignedRequest {
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}

export interface Press {
  readonly incidentId: string;
  readonly by: string;
  /** Where the message can be answered; null where Slack gave none of its own. */
  readonly answerUrl: string | null;
}

const windowMs = 5 * 60_000;

export function verifySlack({ timestamp, signature, body }: SignedRequest, mac: Mac, nowMs: number): boolean {
  const sentAtMs = Number(timestamp) * 1000;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs - sentAtMs) > windowMs) return false;
  return isEqual(`v0=${mac(`v0:${timestamp}:${body}`)}`, signature);
}

interface Payload {
  readonly type?: unknown;
  readonly user?: { readonly username?: unknown; readonly name?: unknown; readonly id?: unknown };
  readonly actions?: readonly { readonly action_id?: unknown; readonly value?: unknown }[];
  readonly response_url?: unknown;
}

/** From `payload=<JSON>`, parsed. Null for a press that asks for nothing here, such as one that only opens a link. */
export function readPress(payload: unknown): Result<Press | null, string> {
  if (typeof payload !== 'object' || payload === null) return failure('payload: got no object');
  const { type, user, actions = [], response_url } = payload as Payload;
  if (type !== 'block_actions') return failure(`type: got ${JSON.stringify(type)}, allowed is "block_actions"`);
  const pressed = actions.find(({ action_id }) => action_id === acknowledgeActionId);
  if (typeof pressed?.value !== 'string') return success(null);
  const name = [user?.username, user?.name, user?.id].find((one) => typeof one === 'string' && one !== '');
  if (name === undefined) return failure('user: got nobody; an acknowledgement needs the name of who gives it');
  const isOfSlack = typeof response_url === 'string' && response_url.startsWith('https://hooks.slack.com/');
  return success({ incidentId: pressed.value, by: `${name}, in Slack`, answerUrl: isOfSlack ? response_url : null });
}
