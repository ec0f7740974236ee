import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, it } from 'vitest';
import { type Alarm, readAlarm } from '../../local/cloudwatch/alarms.ts';
import { createMetrics, type Metrics } from '../../local/cloudwatch/metrics.ts';
import type { Json } from '../../local/engine.ts';
import { synthesise } from './synthesis.ts';

const minuteMs = 60_000;
/** Resources that a template only refers to have the name they would get. */
const nameReferences = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part) && ('Ref' in part || 'Fn::ImportValue' in part)
      ? 'api'
      : part,
  );

let alarms: ReadonlyMap<string, Alarm>;
beforeAll(() => {
  const { desk } = synthesise('dev');
  const found = Object.entries(Template.fromStack(desk).findResources('AWS::CloudWatch::Alarm'));
  alarms = new Map(
    found.flatMap(([id, { Properties }]) => {
      const name = /^Objectives([A-Za-z]+?)[0-9A-F]{8}$/.exec(id)?.[1];
      return name === undefined ? [] : [[name, readAlarm(name, nameReferences(Properties) as Json)] as const];
    }),
  );
});

/** What alarms after five hours, in each minute of the last of which so many failed of so many. */
function alarmsAfter(put: (metrics: Metrics, minute: number) => void): string[] {
  let nowMs = 0;
  const metrics = createMetrics(() => nowMs);
  for (let minute = 0; minute < 300; minute++) {
    nowMs = minute * minuteMs;
    put(metrics, minute);
  }
  return [...alarms].filter(([, alarm]) => alarm.evaluate(metrics, nowMs, 'OK') === 'ALARM').map(([name]) => name);
}

const own = (service: string) => ({ service, stage: 'dev' });

function samples(metrics: Metrics, observed: number, quarantined: number): void {
  metrics.put('FactoryTwin', 'SamplesObserved', own('detection'), observed);
  if (quarantined > 0) metrics.put('FactoryTwin', 'SamplesQuarantined', own('detection'), quarantined);
}

function episodes(metrics: Metrics, told: number, late: number): void {
  metrics.put('FactoryTwin', 'EpisodesTold', own('incidents'), told);
  metrics.put('FactoryTwin', 'EpisodesToldLate', own('incidents'), late);
}

function calls(metrics: Metrics, all: number, failed: number): void {
  metrics.put('AWS/ApiGateway', 'Count', { ApiId: 'api' }, all);
  if (failed > 0) metrics.put('AWS/ApiGateway', '5xx', { ApiId: 'api' }, failed);
}

it('promises three things, each watched by the hour and by six hours', () => {
  const names = ['CallsAnswered', 'SamplesUsed', 'WarnedInTime'].flatMap((name) => [`${name}Fast`, `${name}Slow`]);
  expect([...alarms.keys()].toSorted()).toEqual(names);
});

it('is silent on a plant at rest, on one that keeps its promises, and on few failures', () => {
  expect(alarmsAfter(() => undefined)).toEqual([]);
  const kept = (metrics: Metrics, minute: number): void => {
    samples(metrics, 6000, minute % 3 === 0 ? 6 : 0);
    episodes(metrics, 1, minute % 150 === 0 ? 1 : 0);
    calls(metrics, 100, minute % 60 === 0 ? 1 : 0);
  };
  expect(alarmsAfter(kept)).toEqual([]);
  expect(alarmsAfter((metrics, minute) => minute === 290 && episodes(metrics, 1, 1))).toEqual([]);
});

it.each([
  ['SamplesUsed', (metrics: Metrics) => samples(metrics, 6000, 120)],
  ['WarnedInTime', (metrics: Metrics) => episodes(metrics, 5, 1)],
  ['CallsAnswered', (metrics: Metrics) => calls(metrics, 100, 3)],
])('%s alarms when failures come too fast, and nothing else does', (name, fail) => {
  expect(alarmsAfter(fail).toSorted()).toEqual([`${name}Fast`, `${name}Slow`]);
});

it('tells what burns slowly by the six hours alone', () => {
  // Eight times the pace of a month: under 14.4, over 6.
  expect(alarmsAfter((metrics) => samples(metrics, 6000, 48))).toEqual(['SamplesUsedSlow']);
});
