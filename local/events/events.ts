/** EventBridge: buses, rules with patterns or schedules, targets, archives and replays, API destinations. */
import { join } from 'node:path';
import type { DeliveryQueue } from '../delivery/delivery-queue.ts';
import type { Cloud, Engine, Json } from '../engine.ts';
import { createApiDestinations } from './api-destinations.ts';
import { openArchives } from './archives.ts';
import { toScheduledEvent } from './event.ts';
import { eventsListings } from './listings.ts';
import { putEventsCall } from './put-events.ts';
import { replayCalls, replayKind } from './replay-calls.ts';
import { eventsModels } from './resources.ts';
import type { Rule } from './rules.ts';
import { createTargets } from './targets.ts';
import { openTimetable } from './timetable.ts';
import { createTriggers } from './triggers.ts';

export interface EventsEngine extends Engine {
  /** Told of every event that was put. */
  readonly listeners: Set<(event: Json) => void>;
}

export function createEvents(cloud: Cloud, deliveries: DeliveryQueue): EventsEngine {
  const buses = new Set(['default']);
  const rules = new Map<string, Rule>();
  const listeners = new Set<(event: Json) => void>();
  const folder = join(cloud.dataFolder, 'events');
  const archives = openArchives(folder, cloud.nowMs);
  const apiDestinations = createApiDestinations(cloud);
  const targets = createTargets(cloud, apiDestinations);
  const { trigger, dispatch } = createTriggers({ cloud, deliveries, rules, targets });
  const fire = (ruleArn: string, atMs: number): void => {
    const rule = rules.get(ruleArn);
    if (rule !== undefined) trigger(rule, toScheduledEvent(cloud, ruleArn, atMs));
  };
  const timetable = openTimetable({ folder, nowMs: cloud.nowMs, fire });
  const take = (event: Json, bus: string): void => {
    for (const listener of listeners) listener(event);
    archives.keep(event, bus);
    dispatch(event, bus);
  };
  deliveries.handle(replayKind, async (body) => {
    archives.run(String(body.name), (event, { bus, ruleArns }) => dispatch(event, bus, ruleArns));
    return 'done';
  });
  const models = eventsModels({ cloud, buses, rules, targets, timetable, archives });
  return {
    name: 'events',
    listeners,
    resources: { ...apiDestinations.resources, ...models },
    operations: {
      ...eventsListings(cloud, buses, rules),
      PutEvents: putEventsCall({ cloud, buses, take }),
      ...replayCalls({ cloud, archives, deliveries }),
    },
    start: async () => timetable.start(),
    stop: async () => {
      timetable.stop();
      archives.close();
    },
  };
}
