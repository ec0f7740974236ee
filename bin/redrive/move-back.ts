import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { GetQueueUrlCommand, type Message, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { channels } from '../../core/incidents/channels/channel.ts';
import {
  anomalyRuleName,
  channelQueueName,
  deadLettersName,
  eventBusName,
  nameInStage,
  undeliveredQueueName,
} from '../../lib/names.ts';
import { lookingS, WaitingQueue, workingS } from './waiting-queue.ts';

export interface Move {
  readonly connection: { readonly region: string };
  readonly listOnly: boolean;
}

/** Messages of a queue's dead letters, into the queue again; those of a FIFO queue in their group and order. */
export function moveBack(queueName: string, move: Move): Promise<number> {
  const sqs = new SQSClient(move.connection);
  return takeAll(sqs, deadLettersName(queueName), move, async (messages) => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }));
    for (const message of messages) await sqs.send(new SendMessageCommand({ QueueUrl, ...copyOf(message, queueName) }));
  });
}

function copyOf({ Body, Attributes, MessageId }: Message, queueName: string) {
  const MessageBody = Body ?? '';
  if (!queueName.endsWith('.fifo')) return { MessageBody };
  // A new deduplication id: within five minutes the old one would be taken for a repetition and dropped.
  return { MessageBody, MessageGroupId: Attributes?.MessageGroupId ?? 'redriven', MessageDeduplicationId: MessageId };
}

/** Notices that the bus could not bring to a channel's queue, each to its own: the others have told it. */
export function deliverToChannels(stage: string, move: Move): Promise<number> {
  const sqs = new SQSClient(move.connection);
  const queueNames = new Map(channels.map((channel) => [channelQueueName(stage, channel), channel]));
  return takeAll(sqs, undeliveredQueueName(stage), move, async (messages) => {
    for (const { Body: MessageBody = '', MessageId, MessageAttributes } of messages) {
      const QueueName = MessageAttributes?.TARGET_ARN?.StringValue?.split(':').at(-1) ?? '';
      const MessageGroupId = queueNames.get(QueueName);
      if (MessageGroupId === undefined)
        throw new Error(`message ${MessageId}: for "${QueueName}", which is no channel`);
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
      const MessageDeduplicationId = MessageId;
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId }));
    }
  });
}

/** Events that a rule could not bring to its target, onto the bus again. */
export function putEventsBack(stage: string, queueName: string, move: Move): Promise<number> {
  const events = new EventBridgeClient(move.connection);
  return takeAll(new SQSClient(move.connection), deadLettersName(queueName), move, async (messages) => {
    const Entries = messages.map(({ Body = '{}' }) => entryOf(eventBusName(stage), Body));
    const { FailedEntryCount = 0 } = await events.send(new PutEventsCommand({ Entries }));
    if (FailedEntryCount > 0)
      throw new Error(`the bus refused ${FailedEntryCount} of ${Entries.length}; try again later`);
  });
}

function entryOf(EventBusName: string, body: string): PutEventsRequestEntry {
  const { source, detail, ...event } = JSON.parse(body) as Record<string, string>;
  return { EventBusName, Source: source, DetailType: event['detail-type'], Detail: JSON.stringify(detail) };
}

async function takeAll(
  sqs: SQSClient,
  queueName: string,
  { listOnly }: Move,
  putBack: (messages: readonly Message[]) => Promise<void>,
): Promise<number> {
  const waiting = await WaitingQueue.open(sqs, queueName);
  let total = 0;
  const reasons = new Map<string, number>();
  for await (const messages of waiting.messages(listOnly ? lookingS : workingS)) {
    total += messages.length;
    for (const reason of messages.flatMap(reasonOf)) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    if (listOnly) continue;
    await putBack(messages);
    await waiting.takeOut(messages);
  }
  if (listOnly) for (const [reason, count] of [...reasons].sort()) console.log(`${reason}\t${count}`);
  return total;
}

/** Why a receiver refused it; what it could not take for an hour names none. */
const reasonOf = ({ MessageAttributes }: Message): string[] => {
  const reason = MessageAttributes?.REASON?.StringValue;
  return reason === undefined ? [] : [reason];
};

export interface Replay {
  readonly stage: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The anomalies of a span, from the archive to the incidents again and to nobody else: what they know they leave as it is. */
export async function replayEvents({ stage, fromMs, untilMs }: Replay, { connection }: Move): Promise<string> {
  const { QueueUrl = '' } = await new SQSClient(connection).send(
    new GetQueueUrlCommand({ QueueName: nameInStage(stage, 'incidents') }),
  );
  const account = QueueUrl.split('/').at(-2) ?? '';
  const arnOf = (resource: string): string => `arn:aws:events:${connection.region}:${account}:${resource}`;
  const bus = eventBusName(stage);
  const ReplayName = nameInStage(stage, `replay-${Date.now()}`);
  await new EventBridgeClient(connection).send(
    new StartReplayCommand({
      ReplayName,
      EventSourceArn: arnOf(`archive/${bus}`),
      EventStartTime: new Date(fromMs),
      EventEndTime: new Date(untilMs),
      Destination: { Arn: arnOf(`event-bus/${bus}`), FilterArns: [arnOf(`rule/${bus}/${anomalyRuleName(stage)}`)] },
    }),
  );
  return ReplayName;
}
