/** The template's side: buses, rules, archives. */
import type { Cloud, ResourceModel } from '../engine.ts';
import { formatArn } from '../engine.ts';
import type { Archives } from './archives.ts';
import { type Rule, readBusName, readPattern, readRule, ruleProperties } from './rules.ts';
import type { Targets } from './targets.ts';
import type { Timetable } from './timetable.ts';

export interface ResourceParts {
  readonly cloud: Cloud;
  readonly buses: Set<string>;
  /** By ARN. */
  readonly rules: Map<string, Rule>;
  readonly targets: Targets;
  readonly timetable: Timetable;
  readonly archives: Archives;
}

const dayMs = 86_400_000;

export const eventsModels = (parts: ResourceParts): Readonly<Record<string, ResourceModel>> => ({
  'AWS::Events::EventBus': busModel(parts),
  'AWS::Events::Rule': ruleModel(parts),
  'AWS::Events::Archive': archiveModel(parts),
});

const busModel = ({ cloud, buses }: ResourceParts): ResourceModel => ({
  properties: ['Name', 'Description', 'Tags.*'],
  create: ({ properties }) => {
    const name = String(properties.Name);
    buses.add(name);
    return { ref: name, attributes: { Arn: formatArn(cloud, 'events', `event-bus/${name}`), Name: name } };
  },
});

const ruleModel = ({ cloud, buses, rules, targets, timetable }: ResourceParts): ResourceModel => ({
  properties: ruleProperties,
  create: (request) => {
    const rule = readRule(cloud, request, buses);
    for (const target of rule.targets) targets.check(target);
    if (rule.schedule !== null) timetable.add(rule.arn, rule.schedule);
    rules.set(rule.arn, rule);
    return { ref: rule.bus === 'default' ? rule.name : `${rule.bus}|${rule.name}`, attributes: { Arn: rule.arn } };
  },
});

const archiveModel = ({ cloud, buses, archives }: ResourceParts): ResourceModel => ({
  // A key of one's own is not modelled; CDK writes an empty one for AWS's.
  properties: ['ArchiveName', 'Description', 'SourceArn', 'EventPattern.*', 'RetentionDays', 'KmsKeyIdentifier'],
  create: ({ properties, physicalName }) => {
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
  },
});
