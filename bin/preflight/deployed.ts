import { ListSubscriptionsByTopicCommand, SNSClient, type Subscription } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { audiences } from '../../core/incidents/audience.ts';
import { alertTopicName } from '../../lib/names.ts';
import type { Stage } from '../../lib/stage.ts';
import { type Connection, exists } from './exists.ts';

export async function readAccount(connection: Connection): Promise<string> {
  const { Account = '' } = await new STSClient(connection).send(new GetCallerIdentityCommand({}));
  return Account;
}

export interface StageTopic {
  readonly audience: string;
  readonly subscriptions: readonly Subscription[];
}

/** The topics that tell people: none before the first deployment, for they go with their stack. */
export async function findStageTopics(stage: Stage, connection: Connection): Promise<readonly StageTopic[]> {
  const account = await readAccount(connection);
  const client = new SNSClient(connection);
  const topics = audiences.map(async (audience) => {
    const TopicArn = `arn:aws:sns:${stage.region}:${account}:${alertTopicName(stage.name, audience)}`;
    const sent = client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const found = await exists(sent, 'NotFoundException', 'NotFound');
    return found === undefined ? [] : [{ audience, subscriptions: found.Subscriptions ?? [] }];
  });
  return (await Promise.all(topics)).flat();
}
