import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Dashboards, type DashboardsProps } from '../constructs/dashboards.ts';

/** Dashboards for those who look back: it can be left out, and thrown away without harm. */
export class GrafanaStack extends Stack {
  readonly dashboards: Dashboards;

  constructor(
    scope: Construct,
    id: string,
    { stage, grafana, bundles, timeSeries, pageUrl, ...props }: GrafanaStackProps,
  ) {
    super(scope, id, props);
    this.dashboards = new Dashboards(this, 'Dashboards', { stage, grafana, bundles, timeSeries, pageUrl });
  }
}

export type GrafanaStackProps = StackProps & DashboardsProps;
