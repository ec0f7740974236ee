import type { Channel } from '../../core/incidents/channels/channel.ts';
import { findSecretFault, switchedOff, toRequest } from '../../core/incidents/channels/channel-request.ts';
import { type Route, routesOf } from '../../core/incidents/routing.ts';
import type { Notice } from '../../core/incidents/settle.ts';
import { type Links, wordNotice } from '../../core/incidents/wording.ts';
import type { ChannelSender } from '../ports/channel-sender.ts';
import type { Log, Metrics } from '../ports/telling.ts';

export interface ChannelsDeps {
  readonly channel: Channel;
  readonly routes: readonly Route[];
  readonly sender: ChannelSender;
  readonly loadSecret: () => Promise<string>;
  readonly linksFor: (notice: Notice, recipient: string) => Promise<Links>;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface ChannelEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

/** Notices in their order: the first that the receiver does not take holds those behind it back. */
export function createChannelsHandler(deps: ChannelsDeps) {
  return async ({ Records }: ChannelEvent) => {
    let taken = 0;
    try {
      for (const { body } of Records) {
        await send(deps, readNotice(body));
        taken++;
      }
    } catch (error) {
      deps.metrics.count('ChannelFailures', 1);
      const { channel } = deps;
      deps.log.warn('a notice was not taken and comes again', { channel, reason: (error as Error).message });
    }
    deps.metrics.flush();
    return { batchItemFailures: Records.slice(taken).map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

async function send(deps: ChannelsDeps, notice: Notice): Promise<void> {
  const { channel } = deps;
  if (!routesOf(notice, deps.routes).includes(channel)) return;
  const secret = await deps.loadSecret();
  if (secret === switchedOff) return deps.metrics.count('ChannelSwitchedOff', 1);
  const fault = findSecretFault(channel, secret);
  if (fault !== null) throw new Error(fault);
  const links = await deps.linksFor(notice, channel);
  const request = toRequest(channel, { notice, links, wording: wordNotice(notice, links) }, secret);
  if (request === null) return;
  await deps.sender.post(request);
  deps.metrics.count('ChannelMessages', 1);
}

/** From the bus's incident event, which carries a notice. */
function readNotice(body: string): Notice {
  const { eventId, ...rest } = (JSON.parse(body) as { detail: { eventId: string } & Omit<Notice, 'noticeId'> }).detail;
  return { noticeId: eventId, ...rest };
}
