/** The messages of all queues, in SQLite: they outlive the process. */
import { hash, randomUUID } from 'node:crypto';
import type { Json } from '../engine.ts';
import { type Deduplication, openDeduplication } from './deduplication.ts';
import { type MessageRow, openMessageTable, prepareStatements, type Statements } from './message-table.ts';

export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5: string;
  readonly attributes: Json;
  readonly sentAtMs: number;
  readonly receiveCount: number;
  /** What a FIFO queue keeps of a message; null on a standard queue. */
  readonly fifo: FifoAttributes | null;
}

/** As SQS spells them among a message's system attributes. */
export interface FifoAttributes {
  readonly MessageGroupId: string;
  readonly MessageDeduplicationId: string;
  readonly SequenceNumber: string;
}

export interface NewMessage {
  readonly body: string;
  readonly attributes: Json;
  readonly delayMs: number;
  readonly fifo?: { readonly groupId: string; readonly deduplicationId: string };
}

export interface SentMessage {
  readonly messageId: string;
  readonly md5: string;
  readonly sequenceNumber: string | null;
}

export interface QueueCounts {
  readonly visible: number;
  readonly hidden: number;
  readonly oldestSentAtMs: number | null;
}

export interface MessageStore {
  /** A FIFO queue's duplicate gets the answer of the first and is not stored. */
  add(queue: string, message: NewMessage): SentMessage;
  /** In the order of sending; of a FIFO queue only groups of which nothing is in flight. */
  receive(queue: string, max: number, visibilityMs: number): QueueMessage[];
  remove(queue: string, receiptHandle: string): void;
  /** Whether the message of this receipt is still hidden for its receiver. */
  isInFlight(queue: string, receiptHandle: string): boolean;
  hide(queue: string, receiptHandle: string, forMs: number): void;
  /** Moves what was received too often; gives how many. */
  redrive(queue: string, maxReceives: number, deadLetterQueue: string): number;
  expire(queue: string, retentionMs: number): void;
  count(queue: string): QueueCounts;
  purge(queue: string): void;
  close(): void;
}

interface Desk {
  readonly statements: Statements;
  readonly deduplication: Deduplication;
  readonly nowMs: () => number;
}

export function openMessageStore(folder: string, nowMs: () => number): MessageStore {
  const database = openMessageTable(folder);
  const deduplication = openDeduplication(database, nowMs);
  const statements = prepareStatements(database);
  const desk: Desk = { statements, deduplication, nowMs };
  return {
    add: (queue, message) => add(desk, queue, message),
    receive: (queue, max, visibilityMs) =>
      (statements.select.all(queue, nowMs(), nowMs(), max) as unknown as MessageRow[]).map((row) => {
        const receiptHandle = randomUUID();
        statements.take.run(nowMs() + visibilityMs, receiptHandle, row.id);
        return toMessage(row, receiptHandle);
      }),
    remove: (queue, receiptHandle) => void statements.remove.run(queue, receiptHandle),
    isInFlight: (queue, receiptHandle) => statements.selectInFlight.get(queue, receiptHandle, nowMs()) !== undefined,
    hide: (queue, receiptHandle, forMs) => void statements.hide.run(nowMs() + forMs, queue, receiptHandle),
    redrive: (queue, maxReceives, deadLetterQueue) =>
      Number(statements.move.run(deadLetterQueue, nowMs(), queue, maxReceives, nowMs()).changes),
    expire: (queue, retentionMs) => void statements.expire.run(queue, nowMs() - retentionMs),
    count: (queue) => statements.count.get(nowMs(), nowMs(), queue) as unknown as QueueCounts,
    purge: (queue) => void statements.purge.run(queue),
    close: () => database.close(),
  };
}

function add(desk: Desk, queue: string, message: NewMessage): SentMessage {
  const messageId = randomUUID();
  const md5 = hash('md5', message.body, 'hex');
  if (message.fifo === undefined) {
    insert(desk, queue, messageId, { ...message, kept: null });
    return { messageId, md5, sequenceNumber: null };
  }
  const { groupId: MessageGroupId, deduplicationId: MessageDeduplicationId } = message.fifo;
  const sent = desk.deduplication.admit(queue, MessageDeduplicationId, messageId);
  const { sequenceNumber } = sent;
  const kept = { MessageGroupId, MessageDeduplicationId, SequenceNumber: sequenceNumber };
  if (sent.isNew) insert(desk, queue, messageId, { ...message, kept });
  return { messageId: sent.messageId, md5, sequenceNumber };
}

interface Inserted extends NewMessage {
  readonly kept: FifoAttributes | null;
}

function insert({ statements, nowMs }: Desk, queue: string, messageId: string, message: Inserted): void {
  const { body, attributes, delayMs, kept } = message;
  const times = [nowMs(), nowMs() + delayMs];
  const grouped = kept === null ? [null, null] : [kept.MessageGroupId, JSON.stringify(kept)];
  statements.insert.run(queue, messageId, body, JSON.stringify(attributes), ...times, ...grouped);
}

const toMessage = (row: MessageRow, receiptHandle: string): QueueMessage => ({
  messageId: row.messageId,
  receiptHandle,
  body: row.body,
  md5: hash('md5', row.body, 'hex'),
  attributes: JSON.parse(row.attributes) as Json,
  sentAtMs: row.sentAtMs,
  receiveCount: row.receives + 1,
  fifo: row.fifo === null ? null : (JSON.parse(row.fifo) as FifoAttributes),
});
