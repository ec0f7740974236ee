import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundles } from '../bundle.ts';
import { Api } from '../constructs/api.ts';
import { Live } from '../constructs/live.ts';
import { Page } from '../constructs/page.ts';
import { ProgramAccess } from '../constructs/program-access.ts';
import type { Stage } from '../stage.ts';
import type { DataStack } from './data-stack.ts';

export interface ApiStackProps extends StackProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly data: DataStack;
}

/** What people and programs look at the twins through. */
export class ApiStack extends Stack {
  readonly api: Api;
  readonly live: Live;
  /** Where people look. */
  readonly pageUrl: string;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const { stage, bundles } = props;
    const { timeSeries, twins, registry } = props.data;
    this.api = new Api(this, 'Api', { stage, bundles, timeSeries, twins, registry });
    new ProgramAccess(this, 'Programs', this.api);
    this.live = new Live(this, 'Live', { stage, bundles, twins, registry, tokens: this.api.tokens });
    // The laptop serves the page itself, and has no bundle of it.
    const page = bundles.get('page');
    this.pageUrl =
      page === undefined
        ? this.api.http.apiEndpoint
        : new Page(this, 'Page', { stage, page, ...this.api, liveUrl: this.live.url }).url;
  }
}
