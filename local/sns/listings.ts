/** Which topics and subscriptions there are. */
import type { Cloud, Json, Operation } from '../engine.ts';
import { type Listing, listing } from '../listing.ts';
import type { Subscription } from './delivery.ts';

/** Both by ARN. */
export function snsListings(
  cloud: Pick<Cloud, 'accountId'>,
  topics: ReadonlyMap<string, unknown>,
  subscriptions: ReadonlyMap<string, Subscription>,
): Readonly<Record<string, Operation>> {
  const paging = { size: null, after: 'NextToken' };
  const describe = ({ arn, topicArn, protocol, endpoint }: Subscription): Json => ({
    SubscriptionArn: arn,
    Owner: cloud.accountId,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn: topicArn,
  });
  const find: Listing['find'] = ({ TopicArn }) =>
    [...subscriptions.values()]
      .filter(({ topicArn }) => TopicArn === undefined || topicArn === TopicArn)
      .map((subscription) => [subscription.arn, describe(subscription)]);
  return {
    ListTopics: listing({
      action: 'sns:ListTopics',
      paging,
      into: 'Topics',
      find: () => [...topics.keys()].map((TopicArn) => [TopicArn, { TopicArn }]),
    }),
    ListSubscriptions: listing({ action: 'sns:ListSubscriptions', paging, into: 'Subscriptions', find }),
    ListSubscriptionsByTopic: listing({
      action: 'sns:ListSubscriptionsByTopic',
      resource: ({ TopicArn }) => String(TopicArn),
      paging,
      members: ['TopicArn'],
      into: 'Subscriptions',
      find,
    }),
  };
}
