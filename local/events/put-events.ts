/** PutEvents: each entry is taken or refused alone. */
import type { Cloud, Json, Operation } from '../engine.ts';
import { formatArn, refuseOthers, ServiceError } from '../engine.ts';
import { toEvent } from './event.ts';
import { readBusName } from './rules.ts';

/** EventBridge's own limits (user guide, "Quotas"). */
const maxEntries = 10;
const maxEntryBytes = 1024 * 1024;

const entryMembers = ['EventBusName', 'Source', 'DetailType', 'Detail', 'Time', 'Resources'];

export interface PutParts {
  readonly cloud: Cloud;
  readonly buses: ReadonlySet<string>;
  /** What becomes of an event on its bus. */
  readonly take: (event: Json, bus: string) => void;
}

export const putEventsCall = (parts: PutParts): Operation => ({
  members: ['Entries'],
  access: (input) =>
    (input.Entries as Json[]).map((entry) => ({
      action: 'events:PutEvents',
      resource: formatArn(parts.cloud, 'events', `event-bus/${readBusName(entry.EventBusName)}`),
    })),
  run: (input) => {
    const entries = input.Entries as Json[];
    if (entries.length > maxEntries) {
      throw new ServiceError('ValidationException', `Entries: got ${entries.length}, allowed are ${maxEntries}`);
    }
    for (const entry of entries) refuseOthers('an entry of events:PutEvents', entry, entryMembers);
    const results = entries.map((entry) => putEvent(parts, entry));
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  },
});

function putEvent({ cloud, buses, take }: PutParts, entry: Json): Json {
  const bus = readBusName(entry.EventBusName);
  const problem = findProblem(entry, buses, bus);
  if (problem !== null) return problem;
  const event = toEvent(cloud, entry);
  take(event, bus);
  return { EventId: event.id };
}

function findProblem(entry: Json, buses: ReadonlySet<string>, bus: string): Json | null {
  const refuse = (ErrorCode: string, ErrorMessage: string): Json => ({ ErrorCode, ErrorMessage });
  for (const name of ['Source', 'DetailType', 'Detail']) {
    if (typeof entry[name] !== 'string')
      return refuse('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  }
  if (Buffer.byteLength(String(entry.Detail)) > maxEntryBytes)
    return refuse('InvalidArgument', 'Total size of the entry exceeds 1 MB');
  try {
    JSON.parse(String(entry.Detail));
  } catch {
    return refuse('MalformedDetail', 'Detail is malformed.');
  }
  // AWS takes and drops an event for a bus that is not there; that would hide a wrong name.
  return buses.has(bus) ? null : refuse('ResourceNotFound', `there is no bus "${bus}"`);
}
