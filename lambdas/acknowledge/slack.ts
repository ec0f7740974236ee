import type { Incident } from '../../core/incidents/incident.ts';
import { type Press, readPress, verifySlack } from '../../core/incidents/slack-press.ts';
import { titleOf } from '../../core/incidents/wording.ts';
import type { AcknowledgeDeps, SlackApp, UrlRequest } from './deps.ts';
import type { PageReply } from './page.ts';

/** A button of a message, pressed. Slack waits three seconds for the answer; what it shows goes to the message's own address. */
export async function takePress(deps: AcknowledgeDeps, request: UrlRequest): Promise<PageReply> {
  const { slack, nowMs } = deps;
  if (slack === null) return reply(404, 'This stage takes no presses from Slack.');
  if (request.requestContext.http.method !== 'POST') return reply(405, 'Slack posts its presses.');
  const body = Buffer.from(request.body ?? '', request.isBase64Encoded === true ? 'base64' : 'utf8').toString('utf8');
  const { 'x-slack-request-timestamp': timestamp = '', 'x-slack-signature': signature = '' } = request.headers ?? {};
  if (!verifySlack({ timestamp, signature, body }, await slack.loadMac(), nowMs())) {
    return reply(401, 'The signature is not one of this app, or it is older than five minutes.');
  }
  const press = readPress(parsePayload(body));
  if (!press.ok) return reply(400, press.error);
  return press.value === null ? reply(200, '') : acknowledge(deps, slack, press.value);
}

async function acknowledge(deps: AcknowledgeDeps, slack: SlackApp, press: Press): Promise<PageReply> {
  const { incidentId, by, answerUrl } = press;
  const result = await deps.act(incidentId, { kind: 'acknowledge', by });
  const text = result.ok ? wordResult(result.value) : `Not acknowledged: ${result.error}`;
  if (result.ok) deps.log.info('acknowledged in Slack', { incidentId, by });
  if (answerUrl !== null) {
    const body = { response_type: 'in_channel', replace_original: false, text };
    await slack.sender.post({ url: answerUrl, body }).catch((error: unknown) => {
      deps.log.warn('Slack did not take the answer', { incidentId, reason: (error as Error).message });
    });
  }
  return reply(200, '');
}

const wordResult = (incident: Incident): string =>
  `${titleOf(incident)}: ${incident.state.replaceAll('_', ' ')}, acknowledged by ${incident.acknowledged?.by ?? 'nobody'}`;

function parsePayload(body: string): unknown {
  try {
    return JSON.parse(new URLSearchParams(body).get('payload') ?? '');
  } catch {
    return null; // readPress says what is wrong with it
  }
}

const reply = (statusCode: number, body: string): PageReply => ({
  statusCode,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body,
});
