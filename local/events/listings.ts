/** Which buses, rules and targets there are. */
import type { Cloud, Json, Operation } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { listing, startsWith } from '../listing.ts';
import { formatRuleArn, type Rule, readBusName } from './rules.ts';

/** Rules by ARN. */
export function eventsListings(
  cloud: Cloud,
  buses: ReadonlySet<string>,
  rules: ReadonlyMap<string, Rule>,
): Readonly<Record<string, Operation>> {
  const paging = { size: 'Limit', after: 'NextToken' };
  const ruleArnIn = ({ EventBusName, Rule: name }: Json): string =>
    formatRuleArn(cloud, readBusName(EventBusName), String(name));
  return {
    ListEventBuses: listing({
      action: 'events:ListEventBuses',
      paging,
      members: ['NamePrefix'],
      into: 'EventBuses',
      find: ({ NamePrefix }) =>
        [...buses]
          .filter(startsWith(NamePrefix))
          .map((Name) => [Name, { Name, Arn: formatArn(cloud, 'events', `event-bus/${Name}`) }]),
    }),
    ListRules: listing({
      action: 'events:ListRules',
      paging,
      members: ['EventBusName', 'NamePrefix'],
      into: 'Rules',
      find: (input) => findRules(buses, rules, input).map((rule) => [rule.name, describeRule(rule)]),
    }),
    ListTargetsByRule: listing({
      action: 'events:ListTargetsByRule',
      resource: ruleArnIn,
      paging,
      members: ['EventBusName', 'Rule'],
      into: 'Targets',
      find: (input) => {
        const rule = rules.get(ruleArnIn(input));
        if (rule === undefined) throw notFound(`Rule ${String(input.Rule)}`);
        return rule.targets.map((target) => [target.Id, target]);
      },
    }),
  };
}

function findRules(buses: ReadonlySet<string>, rules: ReadonlyMap<string, Rule>, input: Json): Rule[] {
  const bus = readBusName(input.EventBusName);
  if (!buses.has(bus)) throw notFound(`Event bus ${bus}`);
  return [...rules.values()].filter((rule) => rule.bus === bus && startsWith(input.NamePrefix)(rule.name));
}

const describeRule = ({ name, arn, bus, isEnabled, schedule, pattern }: Rule): Json => ({
  Name: name,
  Arn: arn,
  EventBusName: bus,
  State: isEnabled ? 'ENABLED' : 'DISABLED',
  ...(schedule !== null && { ScheduleExpression: schedule }),
  ...(pattern !== null && { EventPattern: pattern }),
});

const notFound = (what: string): ServiceError =>
  new ServiceError('ResourceNotFoundException', `${what} does not exist.`);
