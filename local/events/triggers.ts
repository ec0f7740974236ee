/** Which rules an event meets, and the delivery that each of their targets gets of it. */
import type { DeliveryQueue } from '../delivery/delivery-queue.ts';
import type { Cloud, Json } from '../engine.ts';
import type { Rule } from './rules.ts';
import type { Targets } from './targets.ts';

export interface Triggers {
  trigger(rule: Rule, event: Json): void;
  /** To every rule of the bus that it matches; of a replay perhaps only to those named. */
  dispatch(event: Json, bus: string, only?: readonly string[]): void;
}

export interface TriggerParts {
  readonly cloud: Cloud;
  readonly deliveries: DeliveryQueue;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly targets: Targets;
}

const deliveryKind = 'events';

export function createTriggers({ cloud, deliveries, rules, targets }: TriggerParts): Triggers {
  deliveries.handle(deliveryKind, async (body, attempt, firstAtMs) => {
    const rule = rules.get(String(body.rule));
    const target = rule?.targets.find((candidate) => candidate.Id === body.target);
    if (rule === undefined || target === undefined) return 'done';
    return targets.deliver({ rule, target, event: body.event as Json, attempt, firstAtMs });
  });
  const trigger = (rule: Rule, event: Json): void => {
    if (!rule.isEnabled) return;
    cloud.putMetric('AWS/Events', 'TriggeredRules', { RuleName: rule.name }, 1);
    for (const target of rule.targets) deliveries.add(deliveryKind, { rule: rule.arn, target: target.Id, event });
  };
  return {
    trigger,
    dispatch: (event, bus, only = []) => {
      for (const rule of rules.values()) {
        if (rule.bus !== bus || (only.length > 0 && !only.includes(rule.arn))) continue;
        if (rule.matches(event)) trigger(rule, event);
      }
    },
  };
}
