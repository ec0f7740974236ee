import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Channel, channels, topicRoot } from '../../core/telemetry/topic.ts';
import { ingestErrorsQueueName, ruleNameInStage } from '../names.ts';
import type { Stage } from '../stage.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';

/** The SQL dialect's version; the older one has no nested objects in SELECT. */
const sqlVersion = '2016-03-23';

/**
 * Samples go on as they came. The others are marked with their channel, because the topic is gone behind the rule; they
 * share the samples' stream, so that a repair takes its place among the samples before and after it.
 */
const selections: Readonly<Record<Channel, string>> = {
  telemetry: '*',
  process: '*',
  training_data: '*, topic(3) AS channel',
  lifecycle: '*, topic(3) AS channel',
};

/** Without FROM a rule hears Basic Ingest only: so a stage leaves the plain topics to another one of the account. */
const statementFor = (stage: Stage, channel: Channel): string =>
  `SELECT ${selections[channel]}${stage.plainTopics ? ` FROM '${topicRoot}/+/${channel}'` : ''}`;

/** What machines publish goes to the stream, keyed by the machine in the topic; what cannot, to a queue. */
export class Ingest extends Construct {
  readonly errors: Queue;
  readonly ruleNames: readonly string[];

  constructor(scope: Construct, id: string, props: { readonly stage: Stage; readonly stream: IStream }) {
    super(scope, id);
    const { stage, stream } = props;
    this.errors = createDeadLetterQueue(this, 'Errors', ingestErrorsQueueName(stage.name));
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('iot.amazonaws.com') });
    role.addToPolicy(new PolicyStatement({ actions: ['kinesis:PutRecord'], resources: [stream.streamArn] }));
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.errors.queueArn] }));
    this.ruleNames = channels.map((channel) => {
      const ruleName = ruleNameInStage(stage.name, channel);
      new CfnTopicRule(this, constructIdOf(channel), {
        ruleName,
        topicRulePayload: {
          awsIotSqlVersion: sqlVersion,
          sql: statementFor(stage, channel),
          // Order holds within a partition key only: the machine's id, never a time or a random value.
          actions: [{ kinesis: { streamName: stream.streamName, partitionKey: '${topic(2)}', roleArn: role.roleArn } }],
          errorAction: { sqs: { queueUrl: this.errors.queueUrl, roleArn: role.roleArn, useBase64: false } },
        },
      });
      return ruleName;
    });
  }
}

const constructIdOf = (channel: Channel): string =>
  channel.replace(/(^|_)([a-z])/g, (_, _separator, letter: string) => letter.toUpperCase());
