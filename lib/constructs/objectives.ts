import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';

export interface ObjectivesProps {
  readonly stage: Stage;
  readonly alarms: Alarms;
  readonly http: HttpApi;
}

interface Objective {
  readonly name: string;
  readonly promise: string;
  /** The share that may fail in a month. */
  readonly budget: number;
  /** So few failures say nothing of a pace. */
  readonly tolerated: number;
  metric(which: 'all' | 'failed', period: Duration): IMetric;
}

/**
 * A budget of failures lasts a month. At 14.4 times its pace an hour burns 2 % of it, at 6 times six hours burn 5 %: then
 * somebody should look before the month's promise is broken (Google, "The Site Reliability Workbook", chapter 5).
 */
const paces = [
  { name: 'Fast', window: Duration.hours(1), times: 14.4 },
  { name: 'Slow', window: Duration.hours(6), times: 6 },
] as const;

/** What a stage promises those who work with it, and an alarm when a promise is being broken. */
export class Objectives extends Construct {
  constructor(scope: Construct, id: string, { stage, alarms, http }: ObjectivesProps) {
    super(scope, id);
    for (const objective of [warnedInTime(stage), samplesUsed(stage), callsAnswered(http)]) {
      for (const { name, window, times } of paces) {
        const [all, failed] = (['all', 'failed'] as const).map((which) => objective.metric(which, window));
        const most = Number((times * objective.budget).toPrecision(6));
        alarms.add(`${objective.name}${name}`, {
          scope: this,
          // A difference, not a quotient: a single failure in a quiet night is no pace.
          metric: new MathExpression({
            expression: `failed - ${most} * FILL(all, 0)`,
            usingMetrics: { all: all!, failed: failed! },
            period: window,
          }),
          threshold: objective.tolerated,
          meaning: `${objective.promise}: in ${window.toHumanString()} the failures came ${times} times as fast as a month allows.`,
          runbook: 'objective-at-risk',
        });
      }
    }
  }
}

const own = (stage: Stage, service: string, metricName: string, period: Duration): Metric =>
  new Metric({
    namespace: 'FactoryTwin',
    metricName,
    dimensionsMap: { service, stage: stage.name },
    statistic: 'Sum',
    period,
  });

const warnedInTime = (stage: Stage): Objective => ({
  name: 'WarnedInTime',
  promise: '99 % of what opens on a machine is an incident within ten seconds of its sample',
  budget: 0.01,
  tolerated: 2,
  metric: (which, period) => own(stage, 'incidents', which === 'all' ? 'EpisodesTold' : 'EpisodesToldLate', period),
});

const samplesUsed = (stage: Stage): Objective => ({
  name: 'SamplesUsed',
  promise: '99.9 % of the samples reach their twin',
  budget: 0.001,
  tolerated: 100,
  metric: (which, period) =>
    own(stage, 'detection', which === 'all' ? 'SamplesObserved' : 'SamplesQuarantined', period),
});

const callsAnswered = (http: HttpApi): Objective => ({
  name: 'CallsAnswered',
  promise: '99.9 % of the calls of the API are answered without an error of ours',
  budget: 0.001,
  tolerated: 5,
  metric: (which, period) => {
    const options = { statistic: 'Sum', period };
    return which === 'all' ? http.metricCount(options) : http.metricServerError(options);
  },
});
