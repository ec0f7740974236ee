import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { type CfnTopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, SmsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { type Audience, audiences } from '../../core/incidents/audience.ts';
import { alertTopicName } from '../names.ts';
import type { Stage } from '../stage.ts';

/** AWS's own key for SNS in this account: its roles may use it through SNS, and it costs nothing. */
export const accountKey = 'alias/aws/sns';

/** One topic for each audience: who subscribes decides what calls him. */
export class AlertTopics extends Construct {
  readonly topics: ReadonlyMap<Audience, Topic>;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    this.topics = new Map(
      audiences.map((audience) => {
        const topic = new Topic(this, audience, {
          topicName: alertTopicName(props.stage.name, audience),
          enforceSSL: true,
        });
        (topic.node.defaultChild as CfnTopic).kmsMasterKeyId = accountKey;
        for (const address of recipientsOf(props.stage, audience))
          topic.addSubscription(new EmailSubscription(address));
        for (const number of props.stage.alerting.phones[audience] ?? [])
          topic.addSubscription(new SmsSubscription(number));
        return [audience, topic];
      }),
    );
  }

  arnOf(audience: Audience): string {
    return this.topics.get(audience)!.topicArn;
  }

  grantPublish(role: Role, to: readonly Audience[]): void {
    role.addToPolicy(
      new PolicyStatement({ actions: ['sns:Publish'], resources: to.map((audience) => this.arnOf(audience)) }),
    );
  }
}

function recipientsOf({ alerting, alertEmails }: Stage, audience: Audience): readonly string[] {
  return alerting.recipients[audience] ?? (audience === 'watch' ? [] : alertEmails);
}
