import {
  GetSecretValueCommand,
  InvalidRequestException,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  ListSMSSandboxPhoneNumbersCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { type Audience, audiences } from '../../core/incidents/audience.ts';
import type { Channel } from '../../core/incidents/channels/channel.ts';
import { findSecretFault, switchedOff } from '../../core/incidents/channels/channel-request.ts';
import { channelSecretName } from '../../lib/names.ts';
import type { Stage } from '../../lib/stage.ts';
import { findStageTopics, type StageTopic } from './deployed.ts';
import type { Connection } from './exists.ts';
import { type Check, type Finding, fail, pass, warn } from './finding.ts';
import { callSigned } from './signed-call.ts';

/** Who hears of an incident, and whether the way there is right. */
export function listChannelChecks(stage: Stage, connection: Connection): readonly Check[] {
  const used = [...new Set(stage.alerting.routes.map(({ channel }) => channel))];
  return [
    { name: 'alert recipients', run: () => checkRecipients(stage, connection) },
    ...(Object.keys(stage.alerting.phones).length > 0
      ? [{ name: 'text messages', run: () => checkTextMessages(stage, connection) }]
      : []),
    // Mail goes by SNS: what SES would allow does not matter.
    { name: 'mail sending', run: async () => pass('SES is not used; SNS mails, and asks each address once') },
    ...used.map((channel) => ({ name: `channel ${channel}`, run: () => checkChannel(stage, channel, connection) })),
  ];
}

async function checkRecipients(stage: Stage, connection: Connection): Promise<Finding> {
  const { alertEmails, alerting } = stage;
  const { recipients, phones, routes } = alerting;
  const isHeard = (audience: Audience): boolean =>
    (recipients[audience] ?? alertEmails).length + (phones[audience] ?? []).length + routes.length > 0;
  const deaf = audiences.filter((audience) => audience !== 'watch' && !isHeard(audience));
  const mend = 'name `alertEmails`, or recipients, phones or routes in `alerting` of the stage';
  if (deaf.length > 0) return warn(`nobody hears of ${deaf.join(', ')}`, mend);
  const addresses = [...new Set([...alertEmails, ...Object.values(recipients).flat()])];
  if (addresses.length === 0) return pass(`${routes.map(({ channel }) => channel).join(', ')} and no mail`);
  return checkSubscriptions(addresses, await findStageTopics(stage, connection));
}

function checkSubscriptions(addresses: readonly string[], topics: readonly StageTopic[]): Finding {
  const mend = 'each must confirm the subscription once, by the link that AWS mails after the deployment';
  if (topics.length === 0) return warn(`${addresses.join(', ')} get mail`, mend);
  const waiting = topics.flatMap(({ subscriptions }) =>
    subscriptions.filter(({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation'),
  );
  const silent = [...new Set(waiting.map(({ Endpoint = '' }) => Endpoint))];
  return silent.length === 0
    ? pass(`${addresses.join(', ')} get mail, and all have confirmed it`)
    : warn(
        `${silent.join(', ')} did not confirm yet, and hear nothing`,
        `${mend}; deploy again for a new link after three days`,
      );
}

async function checkTextMessages({ alerting }: Stage, connection: Connection): Promise<Finding> {
  const client = new SNSClient(connection);
  const numbers = [...new Set(Object.values(alerting.phones).flat())];
  const { IsInSandbox } = await client.send(new GetSMSSandboxAccountStatusCommand({}));
  if (IsInSandbox === true) {
    const { PhoneNumbers = [] } = await client.send(new ListSMSSandboxPhoneNumbersCommand({}));
    const verified = new Set(PhoneNumbers.flatMap((one) => (one.Status === 'Verified' ? [one.PhoneNumber] : [])));
    const deaf = numbers.filter((number) => !verified.has(number));
    const mend =
      'verify them (aws sns create-sms-sandbox-phone-number, then verify-sms-sandbox-phone-number), or leave the sandbox';
    if (deaf.length > 0) return fail(`the account is in the SMS sandbox and does not know ${deaf.join(', ')}`, mend);
  }
  const { attributes } = await client.send(new GetSMSAttributesCommand({ attributes: ['MonthlySpendLimit'] }));
  // What an account begins with (SNS developer guide, "Setting SMS messaging preferences").
  const limitUsd = Number(attributes?.MonthlySpendLimit ?? 1);
  const what = `${numbers.length} numbers, at most $${limitUsd} a month${IsInSandbox === true ? ', in the SMS sandbox' : ''}`;
  return limitUsd <= 1
    ? warn(
        what,
        'ask for a higher "Account spend threshold" of SNS: past it no message goes out, and nobody hears of that',
      )
    : pass(what);
}

async function checkChannel(stage: Stage, channel: Channel, connection: Connection): Promise<Finding> {
  if (channel === 'amazon_q') return checkSlackWorkspace(stage);
  const name = channelSecretName(stage.name, channel);
  const secret = await readSecret(name, connection);
  const mend = `aws secretsmanager put-secret-value --secret-id ${name} --secret-string …, then npm run test-alert -- ${stage.name} --channel ${channel}`;
  if (secret === undefined) return warn('its secret comes with the deployment', `fill it in then: ${mend}`);
  if (secret === switchedOff) return warn('it is switched off', mend);
  const isOpen = !stage.laptop && /(^|")http:/.test(secret);
  const fault = findSecretFault(channel, secret) ?? (isOpen ? `the address of ${channel} is no https address` : null);
  return fault === null ? pass('its secret is of the right shape') : fail(fault, mend);
}

/** The service is one for all regions, and its interface stands in four of them. */
const chatRegion = 'us-east-2';

async function checkSlackWorkspace({ alerting }: Stage): Promise<Finding> {
  const { amazonQ } = alerting;
  if (amazonQ === undefined) return fail('no Slack channel is named', 'set `alerting.amazonQ` of the stage');
  const answer = await callSigned(
    { region: chatRegion },
    {
      service: 'chatbot',
      host: `chatbot.${chatRegion}.amazonaws.com`,
      path: '/describe-slack-workspaces',
      headers: { 'content-type': 'application/json' },
      body: {},
    },
  );
  const { SlackWorkspaces = [] } = answer as { readonly SlackWorkspaces?: readonly Record<string, string>[] };
  const workspace = SlackWorkspaces.find(({ SlackTeamId }) => SlackTeamId === amazonQ.workspaceId);
  const mend = 'an administrator authorises it once, in the console of Amazon Q Developer in chat applications';
  if (workspace === undefined) return fail(`the Slack workspace ${amazonQ.workspaceId} is not authorised`, mend);
  const isOn = workspace.State === undefined || workspace.State === 'ENABLED';
  return isOn
    ? pass(`the Slack workspace ${workspace.SlackTeamName ?? amazonQ.workspaceId} is authorised`)
    : fail(`the Slack workspace ${amazonQ.workspaceId} is ${workspace.State}: ${workspace.StateReason ?? ''}`, mend);
}

async function readSecret(SecretId: string, connection: Connection): Promise<string | undefined> {
  try {
    const { SecretString } = await new SecretsManagerClient(connection).send(new GetSecretValueCommand({ SecretId }));
    return SecretString ?? '';
  } catch (error) {
    // A deleted one is told of by the check of names.
    if (error instanceof ResourceNotFoundException || error instanceof InvalidRequestException) return undefined;
    throw error;
  }
}
