import { setTimeout } from 'node:timers/promises';
import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { eventSource, eventVersion } from '../../core/events/event-types.ts';
import type { EventPublisher, TwinEvent } from '../ports/event-publisher.ts';
import { inParallel } from './in-parallel.ts';

/** Per request (EventBridge user guide, "PutEvents quotas"). */
const entriesPerRequest = 10;
/** All entries of a request together, before and after AWS raised it to 1 MB; a larger one goes alone. */
const bytesPerRequest = 256_000;
const requestsInFlight = 4;
const attempts = 3;
const firstWaitMs = 100;

/** Puts events; an answer can be a success with failed entries in it, and only those are sent again. */
export class EventBridgePublisher implements EventPublisher {
  private readonly client: EventBridgeClient;
  private readonly busName: string;
  private readonly sleep: (ms: number) => Promise<unknown>;

  constructor(client: EventBridgeClient, busName: string, sleep: (ms: number) => Promise<unknown> = setTimeout) {
    this.client = client;
    this.busName = busName;
    this.sleep = sleep;
  }

  async publish(events: readonly TwinEvent[]): Promise<readonly TwinEvent[]> {
    let unsent: readonly Outgoing[] = events.map((event) => ({ event, entry: this.toEntry(event) }));
    for (let attempt = 0; attempt < attempts && unsent.length > 0; attempt++) {
      if (attempt > 0) await this.sleep(firstWaitMs * 4 ** (attempt - 1));
      unsent = (await inParallel(fillRequests(unsent), requestsInFlight, (request) => this.put(request))).flat();
    }
    return unsent.map(({ event }) => event);
  }

  private async put(outgoing: readonly Outgoing[]): Promise<Outgoing[]> {
    const answer = await this.client.send(new PutEventsCommand({ Entries: outgoing.map(({ entry }) => entry) }));
    if ((answer.FailedEntryCount ?? 0) === 0) return [];
    return outgoing.filter((_, i) => answer.Entries?.[i]?.ErrorCode !== undefined);
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

interface Outgoing {
  readonly event: TwinEvent;
  readonly entry: PutEventsRequestEntry;
}

function fillRequests(outgoing: readonly Outgoing[]): Outgoing[][] {
  const requests: Outgoing[][] = [];
  let bytes = 0;
  for (const one of outgoing) {
    const size = sizeOf(one.entry);
    const last = requests.at(-1);
    if (last === undefined || last.length === entriesPerRequest || bytes + size > bytesPerRequest) {
      requests.push([one]);
      bytes = size;
    } else {
      last.push(one);
      bytes += size;
    }
  }
  return requests;
}

/** As EventBridge reckons it (user guide, "Calculating PutEvents event entry size"). */
const sizeOf = ({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number =>
  14 + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
