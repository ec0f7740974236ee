import type { Cloud, Json, ResourceRequest } from '../engine.ts';
import { formatArn } from '../engine.ts';
import { compileEventPattern, type EventMatcher } from './pattern.ts';
import type { TargetInput } from './target-input.ts';

export interface HttpParameters {
  readonly PathParameterValues?: readonly string[];
  readonly HeaderParameters?: Readonly<Record<string, string>>;
  readonly QueryStringParameters?: Readonly<Record<string, string>>;
}

export interface Target extends TargetInput {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
  readonly HttpParameters?: HttpParameters;
  readonly AppSyncParameters?: { readonly GraphQLOperation?: string };
}

export interface Rule {
  readonly arn: string;
  readonly name: string;
  readonly bus: string;
  readonly isEnabled: boolean;
  /** Of a rule without a pattern: never. */
  readonly matches: EventMatcher;
  /** As the template has it, as JSON; null for a rule with a schedule alone. */
  readonly pattern: string | null;
  readonly schedule: string | null;
  readonly targets: readonly Target[];
}

export const ruleProperties = [
  'Name',
  'Description',
  'EventBusName',
  'EventPattern.*',
  'ScheduleExpression',
  'State',
  'Tags.*',
  'Targets.Id',
  'Targets.Arn',
  'Targets.RoleArn',
  'Targets.Input',
  'Targets.InputPath',
  'Targets.InputTransformer.InputTemplate',
  'Targets.InputTransformer.InputPathsMap.*',
  'Targets.RetryPolicy.MaximumRetryAttempts',
  'Targets.RetryPolicy.MaximumEventAgeInSeconds',
  'Targets.DeadLetterConfig.Arn',
  'Targets.SqsParameters.MessageGroupId',
  'Targets.HttpParameters.PathParameterValues',
  'Targets.HttpParameters.HeaderParameters.*',
  'Targets.HttpParameters.QueryStringParameters.*',
  'Targets.AppSyncParameters.GraphQLOperation',
];

export function readRule(
  cloud: Cloud,
  { properties, physicalName }: ResourceRequest,
  buses: ReadonlySet<string>,
): Rule {
  const bus = readBusName(properties.EventBusName);
  if (!buses.has(bus)) throw new Error(`EventBusName: there is no bus "${bus}"`);
  const schedule = properties.ScheduleExpression === undefined ? null : String(properties.ScheduleExpression);
  if (schedule !== null && bus !== 'default')
    throw new Error(`ScheduleExpression: got a rule on bus "${bus}", allowed is the default bus`);
  if (schedule === null && properties.EventPattern === undefined)
    throw new Error('a rule needs an EventPattern or a ScheduleExpression');
  const name = String(properties.Name ?? physicalName);
  return {
    arn: formatRuleArn(cloud, bus, name),
    name,
    bus,
    isEnabled: properties.State !== 'DISABLED',
    matches: properties.EventPattern === undefined ? () => false : readPattern(properties.EventPattern),
    pattern: properties.EventPattern === undefined ? null : JSON.stringify(properties.EventPattern),
    schedule,
    targets: (properties.Targets ?? []) as Target[],
  };
}

export const formatRuleArn = (cloud: Cloud, bus: string, name: string): string =>
  formatArn(cloud, 'events', `rule/${bus === 'default' ? name : `${bus}/${name}`}`);

/** EventBridge user guide, "Event structure"; a replayed event carries its replay's name. CloudFormation takes any field, and such a rule never fires. */
const eventFields = [
  'version',
  'id',
  'source',
  'detail-type',
  'account',
  'time',
  'region',
  'resources',
  'detail',
  'replay-name',
];

function findStranger(pattern: Json): string | undefined {
  const branches = ((pattern.$or ?? []) as Json[]).map(findStranger);
  const own = Object.keys(pattern).find((field) => field !== '$or' && !eventFields.includes(field));
  return own ?? branches.find((found) => found !== undefined);
}

export function readPattern(pattern: unknown): EventMatcher {
  const compiled = compileEventPattern(pattern);
  if (!compiled.ok) throw new Error(`EventPattern: ${compiled.error}`);
  const stranger = findStranger(pattern as Json);
  if (stranger !== undefined)
    throw new Error(`EventPattern: no event has a field "${stranger}", there are ${eventFields.join(', ')}`);
  return compiled.value;
}

/** From a name or `arn:aws:events:…:event-bus/name`. */
export function readBusName(nameOrArn: unknown): string {
  const text = String(nameOrArn ?? 'default');
  return text.slice(text.lastIndexOf('/') + 1);
}
