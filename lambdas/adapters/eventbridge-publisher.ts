import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { eventSource, eventVersion } from '../../core/events/event-types.ts';
import type { EventPublisher, TwinEvent } from '../ports/event-publisher.ts';
import { chunksOf, inParallel } from './in-parallel.ts';

/** Per request (EventBridge user guide, "PutEvents quotas"). */
const entriesPerRequest = 10;
const requestsInFlight = 4;
const attempts = 3;

/** Puts events; an answer can be a success with failed entries in it, and only those are sent again. */
export class EventBridgePublisher implements EventPublisher {
  private readonly client: EventBridgeClient;
  private readonly busName: string;

  constructor(client: EventBridgeClient, busName: string) {
    this.client = client;
    this.busName = busName;
  }

  async publish(events: readonly TwinEvent[]): Promise<readonly TwinEvent[]> {
    let unsent: readonly TwinEvent[] = events;
    for (let attempt = 0; attempt < attempts && unsent.length > 0; attempt++) {
      const chunks = chunksOf(unsent, entriesPerRequest);
      unsent = (await inParallel(chunks, requestsInFlight, (chunk) => this.put(chunk))).flat();
    }
    return unsent;
  }

  private async put(events: readonly TwinEvent[]): Promise<TwinEvent[]> {
    const answer = await this.client.send(
      new PutEventsCommand({ Entries: events.map((event) => this.toEntry(event)) }),
    );
    if ((answer.FailedEntryCount ?? 0) === 0) return [];
    return events.filter((_, i) => answer.Entries?.[i]?.ErrorCode !== undefined);
  }

  private toEntry({ detailType, eventId, machineId, atMs, detail }: TwinEvent): PutEventsRequestEntry {
    return {
      EventBusName: this.busName,
      Source: eventSource,
      DetailType: detailType,
      Time: new Date(atMs),
      Detail: JSON.stringify({ schemaVersion: eventVersion, eventId, machineId, atMs, ...detail }),
    };
  }
}
