/** Replays of an archive: begun by a call, run by the deliveries, which outlive the process. */
import type { DeliveryQueue } from '../delivery/delivery-queue.ts';
import type { Cloud, Json, Operation } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import type { Archives, Replay } from './archives.ts';
import { readBusName } from './rules.ts';

export interface ReplayParts {
  readonly cloud: Cloud;
  readonly archives: Archives;
  readonly deliveries: DeliveryQueue;
}

export const replayKind = 'events-replay';

export const replayCalls = (parts: ReplayParts): Readonly<Record<string, Operation>> => ({
  StartReplay: {
    members: ['ReplayName', 'Description', 'EventSourceArn', 'EventStartTime', 'EventEndTime', 'Destination'],
    access: (input) => [{ action: 'events:StartReplay', resource: String(input.EventSourceArn) }],
    run: (input) => start(parts, input),
  },
  DescribeReplay: {
    members: ['ReplayName'],
    access: (input) => [
      {
        action: 'events:DescribeReplay',
        resource: formatArn(parts.cloud, 'events', `replay/${String(input.ReplayName)}`),
      },
    ],
    run: (input) => parts.archives.describe(String(input.ReplayName)),
  },
});

function start({ cloud, archives, deliveries }: ReplayParts, input: Json): Json {
  const replay = readReplay(input, cloud.nowMs());
  if (!archives.has(replay.archiveArn))
    throw new ServiceError('ResourceNotFoundException', `Archive ${replay.archiveArn} does not exist.`);
  if (!archives.belongsTo(replay.archiveArn, replay.bus))
    throw invalid('Destination.Arn', 'Cross event bus replay is not permitted.');
  archives.begin(replay);
  deliveries.add(replayKind, { name: replay.name });
  const ReplayArn = formatArn(cloud, 'events', `replay/${replay.name}`);
  return { ReplayArn, State: 'STARTING', ReplayStartTime: replay.startedAtMs / 1000 };
}

function readReplay(input: Json, startedAtMs: number): Replay {
  const destination = input.Destination as { readonly Arn: string; readonly FilterArns?: readonly string[] };
  const [fromMs, toMs] = [Number(input.EventStartTime) * 1000, Number(input.EventEndTime) * 1000];
  if (!(fromMs < toMs)) throw invalid('EventEndTime', 'EventStartTime must be before EventEndTime.');
  return {
    name: String(input.ReplayName),
    archiveArn: String(input.EventSourceArn),
    destination: { ...destination },
    bus: readBusName(destination.Arn),
    ruleArns: destination.FilterArns ?? [],
    fromMs,
    toMs,
    startedAtMs,
  };
}

const invalid = (name: string, reason: string): ServiceError =>
  new ServiceError('ValidationException', `Parameter ${name} is not valid. Reason: ${reason}`);
