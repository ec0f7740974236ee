import { parseArgs } from 'node:util';
import { type Channel, channels } from '../core/incidents/channels/channel.ts';
import { findSecretFault, toRequest } from '../core/incidents/channels/channel-request.ts';
import { wordNotice } from '../core/incidents/wording.ts';
import { HttpChannelSender } from '../lambdas/adapters/http-channel-sender.ts';
import { createSecretLoader } from '../lambdas/adapters/secret-mac.ts';
import { channelSecretName } from '../lib/names.ts';
import { connectionFor, Refusal, requireStage, runCommand } from './command/run-command.ts';
import { exampleNotice } from './desk/example-notice.ts';

const help = `npm run test-alert -- <stage> --channel <${channels.join('|')}> [--print]
  Sends one made-up incident to a channel of the stage, by the address or key that its secret holds.
  --print   shows what would be sent, without the secret and without sending`;

const blankSecrets: Readonly<Record<Channel, string>> = {
  slack: '(webhook)',
  pagerduty: '(routing key)',
  telegram: '{"botToken":"0:blank","chatId":"(chat)"}',
  webhook: '(address)',
};

await runCommand(help, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { channel: { type: 'string' }, print: { type: 'boolean', default: false } },
  });
  const stage = requireStage(positionals[0]);
  const channel = channels.find((name) => name === values.channel);
  if (channel === undefined) {
    throw new Refusal(`--channel: got ${values.channel ?? 'nothing'}, allowed are ${channels.join(', ')}`);
  }
  const notice = exampleNotice(Date.now());
  const links = { incident: null, acknowledge: null, runbook: 'docs/runbook.md#incidents' };
  const message = { notice, links, wording: wordNotice(notice, links) };
  if (values.print) {
    process.stdout.write(`${JSON.stringify(toRequest(channel, message, blankSecrets[channel])?.body, null, 2)}\n`);
    return 0;
  }
  const secretName = channelSecretName(stage.name, channel);
  process.env.AWS_REGION ??= connectionFor(stage).region;
  const secret = await createSecretLoader(secretName)();
  const fault = findSecretFault(channel, secret);
  if (fault !== null) throw new Refusal(`${secretName}: ${fault}`, 1);
  await new HttpChannelSender().post(toRequest(channel, message, secret)!);
  process.stderr.write(`${channel} took the test alert ${notice.noticeId}\n`);
  return 0;
});
