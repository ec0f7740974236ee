import type { ChannelRequest } from '../../core/incidents/channels/channel-request.ts';
import type { ChannelSender } from '../ports/channel-sender.ts';

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
      throw new Error(`${host} did not answer: ${error instanceof Error ? error.name : 'unknown'}`);
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${host} answered ${response.status}`);
  }
}
