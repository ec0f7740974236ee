import type { Channel } from '../../core/incidents/channels/channel.ts';
import { findSecretFault, switchedOff, toRequest } from '../../core/incidents/channels/channel-request.ts';
import { type RetrySpacing, retryDelayS } from '../../core/incidents/channels/retry.ts';
import { type Route, routesOf } from '../../core/incidents/routing.ts';
import type { Notice } from '../../core/incidents/settle.ts';
import { type Links, wordNotice } from '../../core/incidents/wording.ts';
import type { ChannelMessage, ChannelQueue } from '../ports/channel-queue.ts';
import { type ChannelSender, NoticeRefused, ReceiverDown } from '../ports/channel-sender.ts';
import type { Log, Metrics } from '../ports/telling.ts';

export interface ChannelsDeps {
  readonly channel: Channel;
  readonly routes: readonly Route[];
  readonly sender: ChannelSender;
  readonly queue: ChannelQueue;
  readonly spacing: RetrySpacing;
  readonly loadSecret: () => Promise<string>;
  readonly linksFor: (notice: Notice, recipient: string) => Promise<Links>;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface ChannelEvent {
  readonly Records: readonly ChannelMessage[];
}

/**
 * Notices in their order. One that the receiver refuses for good is set aside and those behind it go on; one that it cannot take
 * now holds them back, each time longer.
 */
export function createChannelsHandler(deps: ChannelsDeps) {
  return async ({ Records }: ChannelEvent) => {
    let taken = 0;
    try {
      for (const message of Records) {
        await deliver(deps, message);
        taken++;
      }
    } catch (error) {
      await holdBack(deps, Records.slice(taken), error as Error);
    }
    deps.metrics.flush();
    return { batchItemFailures: Records.slice(taken).map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

async function deliver(deps: ChannelsDeps, message: ChannelMessage): Promise<void> {
  const notice = readNotice(message.body);
  try {
    await send(deps, notice);
  } catch (error) {
    if (!(error instanceof NoticeRefused)) throw error;
    const reason = error.message;
    await deps.queue.setAside(message, reason);
    deps.metrics.count('ChannelFailures', 1);
    const { channel } = deps;
    deps.log.warn('a notice was refused and lies in the dead letters', { channel, noticeId: notice.noticeId, reason });
  }
}

/** All of them for as long: a FIFO queue gives nothing of a group of which one is still hidden. */
async function holdBack(deps: ChannelsDeps, waiting: readonly ChannelMessage[], error: Error): Promise<void> {
  const { channel, queue, spacing, log, metrics } = deps;
  metrics.count('ChannelFailures', 1);
  const askedS = error instanceof ReceiverDown ? error.askedS : null;
  const againInS = retryDelayS(Number(waiting[0]?.attributes.ApproximateReceiveCount), askedS, spacing);
  log.warn('a notice was not taken and comes again', { channel, againInS, reason: error.message });
  // What was sent before it is sent: a function that failed here would have it sent a second time.
  await queue.hide(waiting, againInS).catch(({ message }: Error) => {
    log.warn('notices come again after the queue’s own time', { channel, reason: message });
  });
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
