import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { topicRoot } from '../../core/telemetry/topic.ts';
import type { Stage } from '../stage.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import { ruleNameInStage } from './stage-defaults.ts';

/** The SQL dialect's version; the older one has no nested objects in SELECT. */
const sqlVersion = '2016-03-23';

/** What machines publish goes to the stream, keyed by the machine in the topic; what cannot, to a queue. */
export class Ingest extends Construct {
  readonly errors: Queue;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage; readonly stream: IStream }) {
    super(scope, id);
    this.errors = createDeadLetterQueue(this, 'Errors');
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('iot.amazonaws.com') });
    this.role.addToPolicy(new PolicyStatement({ actions: ['kinesis:PutRecord'], resources: [props.stream.streamArn] }));
    this.role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.errors.queueArn] }));
    const { stage, stream } = props;
    for (const channel of ['telemetry', 'process'] as const) {
      this.addRule(stage, channel, { sql: `SELECT * FROM '${topicRoot}/+/${channel}'`, stream });
    }
    // In the same stream as the samples, so that a repair takes its place among them; marked, as the topic is gone there.
    this.addRule(stage, 'lifecycle', {
      sql: `SELECT *, topic(3) AS channel FROM '${topicRoot}/+/lifecycle'`,
      stream,
    });
  }

  private addRule(stage: Stage, channel: string, props: { readonly sql: string; readonly stream: IStream }): void {
    new CfnTopicRule(this, `${channel[0]?.toUpperCase()}${channel.slice(1)}`, {
      ruleName: ruleNameInStage(stage, channel),
      topicRulePayload: {
        awsIotSqlVersion: sqlVersion,
        sql: props.sql,
        // Order holds within a partition key only: the machine's id, never a time or a random value.
        actions: [
          { kinesis: { streamName: props.stream.streamName, partitionKey: '${topic(2)}', roleArn: this.role.roleArn } },
        ],
        errorAction: { sqs: { queueUrl: this.errors.queueUrl, roleArn: this.role.roleArn, useBase64: false } },
      },
    });
  }
}
