/**
 * Amazon Q Developer in chat applications (AWS Chatbot): a Slack channel that reads topics. What it would post is in the
 * mailbox of this laptop; what it does not understand it leaves out and says so in its log, as the service does. Modelled
 * are custom notifications; of AWS's own events none is sent here. Source: its administrator guide, and CloudFormation's
 * reference of AWS::Chatbot::SlackChannelConfiguration.
 */
import type { Cloud, Engine, Json, ResourceRequest } from '../engine.ts';
import { formatArn, owner } from '../engine.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Published } from '../sns/delivery.ts';
import type { SnsEngine } from '../sns/sns.ts';
import { readCustomNotification, wordChatMessage } from './custom-notification.ts';

const servicePrincipal = 'chatbot.amazonaws.com';
const loggingLevels = ['ERROR', 'INFO', 'NONE'];
const shapes: Readonly<Record<string, RegExp>> = {
  ConfigurationName: /^[A-Za-z0-9-_]{1,128}$/,
  SlackWorkspaceId: /^[0-9A-Z]{1,255}$/,
  SlackChannelId: /^[A-Za-z0-9]{1,255}$/,
  GuardrailPolicies: /^arn:aws:iam::(aws|\d{12}):policy\/\S+$/,
};

export function createChatbot(cloud: Cloud, sns: SnsEngine, mailbox: Mailbox): Engine {
  const post = async (chat: Chat, { messageId, body, sentAtMs }: Published): Promise<void> => {
    const notification = readCustomNotification(body);
    if (typeof notification === 'string') return refuse(cloud, chat, notification);
    const { content, metadata } = notification;
    const thread = metadata?.threadId === undefined ? '' : `, thread ${metadata.threadId}`;
    await mailbox.deliver({
      id: messageId,
      kind: 'chat',
      to: `${chat.channel}${thread}`,
      subject: content.title ?? '',
      text: wordChatMessage(notification),
      sentAtMs,
    });
  };
  return {
    name: 'chatbot',
    operations: {},
    resources: {
      'AWS::Chatbot::SlackChannelConfiguration': {
        properties: [...Object.keys(shapes), 'IamRoleArn', 'SnsTopicArns', 'LoggingLevel', 'Tags.*'],
        create: (request) => {
          const chat = readChat(request);
          cloud.iam.assume(String(request.properties.IamRoleArn), servicePrincipal);
          for (const topicArn of (request.properties.SnsTopicArns ?? []) as string[])
            sns.subscribe(topicArn, `chatbot/${chat.name}`, (message) => post(chat, message));
          const arn = formatArn(cloud, 'chatbot', `chat-configuration/slack-channel/${chat.name}`);
          return { ref: arn, attributes: { Arn: arn } };
        },
      },
    },
  };
}

interface Chat {
  readonly name: string;
  readonly channel: string;
  readonly loggingLevel: string;
}

function readChat({ properties }: ResourceRequest): Chat {
  for (const [name, shape] of Object.entries(shapes)) {
    for (const value of [properties[name] ?? []].flat())
      if (!shape.test(String(value))) throw new Error(`${name}: got "${String(value)}", allowed is ${shape.source}`);
  }
  const loggingLevel = String(properties.LoggingLevel ?? 'NONE');
  if (!loggingLevels.includes(loggingLevel))
    throw new Error(`LoggingLevel: got "${loggingLevel}", allowed are ${loggingLevels.join(', ')}`);
  const { ConfigurationName, SlackChannelId, SlackWorkspaceId } = properties as Readonly<Record<string, string>>;
  const channel = `Slack channel ${SlackChannelId} of workspace ${SlackWorkspaceId}`;
  return { name: String(ConfigurationName), channel, loggingLevel };
}

/** It cannot answer the topic: whoever wonders why nothing came finds the reason in the log. */
async function refuse(cloud: Cloud, { name, loggingLevel }: Chat, reason: string): Promise<void> {
  const message = `Event received is not supported: ${reason}`;
  cloud.tell('chatbot', `${name}: ${message}`);
  if (loggingLevel === 'NONE') return;
  const line: Json = { logGroupName: `/aws/chatbot/${name}`, message: JSON.stringify({ logLevel: 'ERROR', message }) };
  await cloud.call('logs', 'PutLogEvents', line, owner);
}
