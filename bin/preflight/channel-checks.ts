import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type Audience, audiences } from '../../core/incidents/audience.ts';
import type { Channel } from '../../core/incidents/channels/channel.ts';
import { findSecretFault, switchedOff } from '../../core/incidents/channels/channel-request.ts';
import { channelSecretName } from '../../lib/names.ts';
import type { Stage } from '../../lib/stage.ts';
import { type Check, type Finding, fail, pass, warn } from './finding.ts';

/** Who hears of an incident, and whether the way there is right. */
export function listChannelChecks(stage: Stage, connection: { readonly region: string }): readonly Check[] {
  const used = [...new Set(stage.alerting.routes.map(({ channel }) => channel))];
  return [
    { name: 'alert recipients', run: async () => checkRecipients(stage) },
    ...used.map((channel) => ({ name: `channel ${channel}`, run: () => checkChannel(stage, channel, connection) })),
  ];
}

function checkRecipients(stage: Stage): Finding {
  const { alertEmails, alerting } = stage;
  const { recipients, phones, routes } = alerting;
  const isHeard = (audience: Audience): boolean =>
    (recipients[audience] ?? alertEmails).length + (phones[audience] ?? []).length + routes.length > 0;
  const deaf = audiences.filter((audience) => audience !== 'watch' && !isHeard(audience));
  const mend = 'name `alertEmails`, or recipients, phones or routes in `alerting` of the stage';
  if (deaf.length > 0) return warn(`nobody hears of ${deaf.join(', ')}`, mend);
  const addresses = [...new Set([...alertEmails, ...Object.values(recipients).flat()])];
  if (addresses.length === 0) return pass(`${routes.map(({ channel }) => channel).join(', ')} and no mail`);
  return warn(
    `${addresses.join(', ')} get mail`,
    'each must confirm the subscription once, by the link that AWS mails after the deployment',
  );
}

async function checkChannel(stage: Stage, channel: Channel, connection: { readonly region: string }): Promise<Finding> {
  if (channel === 'amazon_q') {
    return stage.alerting.amazonQ === undefined
      ? fail('no Slack channel is named', 'set `alerting.amazonQ` of the stage')
      : warn('its workspace must be authorised', 'once, by an administrator, in the console of Amazon Q Developer');
  }
  const name = channelSecretName(stage.name, channel);
  const secret = await readSecret(name, connection);
  const mend = `aws secretsmanager put-secret-value --secret-id ${name} --secret-string …, then npm run test-alert -- ${stage.name} --channel ${channel}`;
  if (secret === undefined) return warn('its secret comes with the deployment', `fill it in then: ${mend}`);
  if (secret === switchedOff) return warn('it is switched off', mend);
  const fault = findSecretFault(channel, secret);
  return fault === null ? pass('its secret is of the right shape') : fail(fault, mend);
}

async function readSecret(SecretId: string, connection: { readonly region: string }): Promise<string | undefined> {
  try {
    const { SecretString } = await new SecretsManagerClient(connection).send(new GetSecretValueCommand({ SecretId }));
    return SecretString ?? '';
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
