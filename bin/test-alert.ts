import { parseArgs } from 'node:util';
import { type Channel, channels } from '../core/incidents/channels/channel.ts';
import { findSecretFault, switchedOff, toRequest } from '../core/incidents/channels/channel-request.ts';
import { wordNotice } from '../core/incidents/wording.ts';
import { HttpChannelSender } from '../lambdas/adapters/http-channel-sender.ts';
import { createSecretLoader } from '../lambdas/adapters/secret-mac.ts';
import { SnsChannelSender } from '../lambdas/adapters/sns-channel-sender.ts';
import { channelSecretName } from '../lib/names.ts';
import type { Stage } from '../lib/stage.ts';
import { connectionFor, quote, Refusal, requireStage, runCommand } from './command/run-command.ts';
import { exampleNotice } from './desk/example-notice.ts';
import { findTopic } from './desk/places.ts';

const help = `npm run test-alert -- <stage> --channel <${channels.join('|')}> [--print]
  Sends one made-up incident to a channel of the stage, by the address or key that its secret holds.
  --print   shows what would be sent, without the secret and without sending`;

const blankSecrets: Readonly<Record<Channel, string>> = {
  slack: '(webhook)',
  pagerduty: '(routing key)',
  telegram: '{"botToken":"0:blank","chatId":"(chat)"}',
  webhook: '(address)',
  amazon_q: '(topic)',
};

await runCommand('test-alert', help, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { channel: { type: 'string' }, print: { type: 'boolean', default: false } },
  });
  const stage = requireStage(positionals[0]);
  const channel = channels.find((name) => name === values.channel);
  if (channel === undefined) {
    throw new Refusal(`--channel: got ${quote(values.channel)}, allowed are ${channels.join(', ')}`);
  }
  const notice = exampleNotice(Date.now());
  const links = { incident: null, acknowledge: null, runbook: 'docs/runbook.md#incidents' };
  const message = { notice, links, wording: wordNotice(notice, links) };
  if (values.print) {
    process.stdout.write(`${JSON.stringify(toRequest(channel, message, blankSecrets[channel])?.body, null, 2)}\n`);
    return 0;
  }
  const connection = connectionFor(stage);
  process.env.AWS_REGION ??= connection.region;
  const [place, secret] = await findPlace(stage, channel, connection);
  if (secret === switchedOff) throw new Refusal(`${place}: ${channel} is switched off; fill in its address or key`, 1);
  const fault = findSecretFault(channel, secret);
  if (fault !== null) throw new Refusal(`${place}: ${fault}`, 1);
  const sender = channel === 'amazon_q' ? new SnsChannelSender() : new HttpChannelSender();
  await sender.post(toRequest(channel, message, secret)!);
  process.stderr.write(`${channel} took the test alert ${notice.noticeId}\n`);
  return 0;
});

/** What a person knows the channel's address or key by, and what it is. */
async function findPlace(stage: Stage, channel: Channel, connection: { readonly region: string }) {
  if (channel !== 'amazon_q') {
    const name = channelSecretName(stage.name, channel);
    return [name, await createSecretLoader(name)()] as const;
  }
  const arn = await findTopic(stage, connection, 'chat');
  return [arn, arn] as const;
}
