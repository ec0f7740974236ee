import type { ChannelRequest } from '../../core/incidents/channels/channel-request.ts';
import { isRefusal, readRetryAfterS } from '../../core/incidents/channels/retry.ts';
import { type ChannelSender, NoticeRefused, ReceiverDown } from '../ports/channel-sender.ts';

/** Slack answers within a second; who takes longer than this is down. */
const patienceMs = 8000;

export class HttpChannelSender implements ChannelSender {
  async post({ url, body }: ChannelRequest): Promise<void> {
    const { host } = new URL(url);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    }).catch((error: unknown) => {
      throw new ReceiverDown(`${host} did not answer: ${error instanceof Error ? error.name : 'unknown'}`);
    });
    await response.body?.cancel();
    if (response.ok) return;
    const reason = `${host} answered ${response.status}`;
    if (isRefusal(response.status)) throw new NoticeRefused(reason);
    throw new ReceiverDown(reason, readRetryAfterS(response.headers.get('retry-after')));
  }
}
