/** EventBridge: buses, rules with patterns or schedules, targets, archives and replays, API destinations. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DeliveryQueue, Verdict } from '../delivery/delivery-queue.ts';
import type { Cloud, Engine, Json, Operation, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { createApiDestinations } from './api-destinations.ts';
import { openArchives, type Replay } from './archives.ts';
import { type Rule, readBusName, readPattern, readRule, ruleProperties } from './rules.ts';
import { createTargets } from './targets.ts';
import { openTimetable } from './timetable.ts';

export interface EventsEngine extends Engine {
  /** Told of every event that was put. */
  readonly listeners: Set<(event: Json) => void>;
}

/** EventBridge's own limits (user guide, "Quotas"). */
const maxEntries = 10;
const maxEntryBytes = 1024 * 1024;
const dayMs = 86_400_000;

export function createEvents(cloud: Cloud, deliveries: DeliveryQueue): EventsEngine {
  const buses = new Set(['default']);
  const rules = new Map<string, Rule>();
  const listeners = new Set<(event: Json) => void>();
  const folder = join(cloud.dataFolder, 'events');
  const archives = openArchives(folder, cloud.nowMs);
  const apiDestinations = createApiDestinations(cloud);
  const targets = createTargets(cloud, apiDestinations);

  const trigger = (rule: Rule, event: Json): void => {
    if (!rule.isEnabled) return;
    cloud.putMetric('AWS/Events', 'TriggeredRules', { RuleName: rule.name }, 1);
    for (const target of rule.targets) deliveries.add('events', { rule: rule.arn, target: target.Id, event });
  };
  const dispatch = (event: Json, bus: string, only: readonly string[] = []): void => {
    for (const rule of rules.values()) {
      if (rule.bus === bus && (only.length === 0 || only.includes(rule.arn)) && rule.matches(event))
        trigger(rule, event);
    }
  };
  const putEvent = (entry: Json): Json => {
    const bus = readBusName(entry.EventBusName);
    const problem = findProblem(entry, buses, bus);
    if (problem !== null) return problem;
    const event = toEvent(cloud, entry);
    for (const listener of listeners) listener(event);
    archives.keep(event, bus);
    dispatch(event, bus);
    return { EventId: event.id };
  };
  const timetable = openTimetable({
    folder,
    nowMs: cloud.nowMs,
    fire: (ruleArn, atMs) => {
      const rule = rules.get(ruleArn);
      if (rule !== undefined) trigger(rule, toScheduledEvent(cloud, ruleArn, atMs));
    },
  });
  deliveries.handle('events', async (body, attempt, firstAtMs): Promise<Verdict> => {
    const rule = rules.get(String(body.rule));
    const target = rule?.targets.find((candidate) => candidate.Id === body.target);
    if (rule === undefined || target === undefined) return 'done';
    return targets.deliver({ rule, target, event: body.event as Json, attempt, firstAtMs });
  });
  deliveries.handle('events-replay', async (body): Promise<Verdict> => {
    archives.run(String(body.name), (event, { bus, ruleArns }) => dispatch(event, bus, ruleArns));
    return 'done';
  });
  const createRule = (request: ResourceRequest) => {
    const rule = readRule(cloud, request, buses);
    for (const target of rule.targets) targets.check(target);
    if (rule.schedule !== null) timetable.add(rule.arn, rule.schedule);
    rules.set(rule.arn, rule);
    return { ref: rule.bus === 'default' ? rule.name : `${rule.bus}|${rule.name}`, attributes: { Arn: rule.arn } };
  };
  const createArchive = ({ properties, physicalName }: ResourceRequest) => {
    const name = String(properties.ArchiveName ?? physicalName.slice(-48));
    const arn = formatArn(cloud, 'events', `archive/${name}`);
    const bus = readBusName(properties.SourceArn);
    if (!buses.has(bus)) throw new Error(`SourceArn: there is no bus "${bus}"`);
    const key = String(properties.KmsKeyIdentifier ?? '');
    if (key !== '') throw new Error(`KmsKeyIdentifier: got "${key}", modelled is AWS's own key`);
    const accepts = properties.EventPattern === undefined ? () => true : readPattern(properties.EventPattern);
    const days = Number(properties.RetentionDays ?? 0);
    archives.add({ arn, bus, accepts, retentionMs: days === 0 ? null : days * dayMs });
    return { ref: name, attributes: { Arn: arn, ArchiveName: name } };
  };
  const startReplay = (input: Json): Json => {
    const replay = readReplay(input, cloud.nowMs());
    if (!archives.has(replay.archiveArn))
      throw new ServiceError('ResourceNotFoundException', `Archive ${replay.archiveArn} does not exist.`);
    if (!archives.belongsTo(replay.archiveArn, replay.bus))
      throw invalid('Destination.Arn', 'Cross event bus replay is not permitted.');
    archives.begin(replay);
    deliveries.add('events-replay', { name: replay.name });
    const ReplayArn = formatArn(cloud, 'events', `replay/${replay.name}`);
    return { ReplayArn, State: 'STARTING', ReplayStartTime: replay.startedAtMs / 1000 };
  };

  return {
    name: 'events',
    listeners,
    resources: {
      ...apiDestinations.resources,
      'AWS::Events::EventBus': {
        properties: ['Name', 'Description', 'Tags.*'],
        create: ({ properties }) => {
          const name = String(properties.Name);
          buses.add(name);
          return { ref: name, attributes: { Arn: formatArn(cloud, 'events', `event-bus/${name}`), Name: name } };
        },
      },
      'AWS::Events::Rule': { properties: ruleProperties, create: createRule },
      'AWS::Events::Archive': {
        // A key of one's own is not modelled; CDK writes an empty one for AWS's.
        properties: ['ArchiveName', 'Description', 'SourceArn', 'EventPattern.*', 'RetentionDays', 'KmsKeyIdentifier'],
        create: createArchive,
      },
    },
    operations: {
      PutEvents: createPutEvents(cloud, putEvent),
      StartReplay: {
        access: (input) => [{ action: 'events:StartReplay', resource: String(input.EventSourceArn) }],
        run: startReplay,
      },
      DescribeReplay: {
        access: (input) => [
          {
            action: 'events:DescribeReplay',
            resource: formatArn(cloud, 'events', `replay/${String(input.ReplayName)}`),
          },
        ],
        run: (input) => archives.describe(String(input.ReplayName)),
      },
    },
    start: async () => timetable.start(),
    stop: async () => {
      timetable.stop();
      archives.close();
    },
  };
}

const createPutEvents = (cloud: Cloud, putEvent: (entry: Json) => Json): Operation => ({
  access: (input) =>
    (input.Entries as Json[]).map((entry) => ({
      action: 'events:PutEvents',
      resource: formatArn(cloud, 'events', `event-bus/${readBusName(entry.EventBusName)}`),
    })),
  run: (input) => {
    const entries = input.Entries as Json[];
    if (entries.length > maxEntries) {
      throw new ServiceError('ValidationException', `Entries: got ${entries.length}, allowed are ${maxEntries}`);
    }
    const results = entries.map(putEvent);
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  },
});

const invalid = (name: string, reason: string): ServiceError =>
  new ServiceError('ValidationException', `Parameter ${name} is not valid. Reason: ${reason}`);

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

const toEvent = (cloud: Cloud, entry: Json): Json => ({
  version: '0',
  id: randomUUID(),
  'detail-type': entry.DetailType,
  source: entry.Source,
  account: cloud.accountId,
  time: formatTime(entry.Time === undefined ? cloud.nowMs() : Number(entry.Time) * 1000),
  region: cloud.region,
  resources: entry.Resources ?? [],
  detail: JSON.parse(String(entry.Detail)),
});

const toScheduledEvent = (cloud: Cloud, ruleArn: string, atMs: number): Json => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: cloud.accountId,
  time: formatTime(atMs),
  region: cloud.region,
  resources: [ruleArn],
  detail: {},
});

/** EventBridge's times are whole seconds. */
const formatTime = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
