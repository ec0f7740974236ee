import { CfnOutput, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { CfnBucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import type { Bundle } from '../bundle.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import type { ApiTokens } from './api-tokens.ts';
import { HostedSignIn, signInScope } from './hosted-sign-in.ts';
import { createPrivateBucket } from './private-bucket.ts';
import { removalPolicyOf } from './stage-defaults.ts';

export interface PageProps {
  readonly stage: Stage;
  readonly page: Bundle;
  readonly http: HttpApi;
  readonly tokens: ApiTokens;
  /** `wss://…` */
  readonly liveUrl: string;
}

interface Deployed {
  readonly files: IBucket;
  readonly distribution: Distribution;
  readonly hosted: HostedSignIn | null;
}

/** Each question costs a read of every twin: a plant's pages ask often enough this way. */
const refreshEveryMs = 5000;
const strictTransportDays = 365;

/** The operator page: files on S3 behind CloudFront, the API under the same name, so that no origin is foreign. */
export class Page extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, props: PageProps) {
    super(scope, id);
    const { stage, http, tokens } = props;
    const accessLogs = createPrivateBucket(this, 'AccessLogs', {
      stage,
      lifecycleRules: [{ expiration: Duration.days(stage.retention.logDays) }],
    });
    const files = createPrivateBucket(this, 'Files', { stage, accessLogs });
    const hosted = tokens.users === null ? null : new HostedSignIn(this, 'SignIn', { stage, ...tokens.users });
    const headers = this.createHeaders(hosted?.origin ?? tokens.issuer, props.liveUrl);
    const distribution = new Distribution(this, 'Distribution', {
      comment: `Factory Twin ${stage.name}: the operator page`,
      defaultRootObject: 'index.html',
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(files),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: headers,
      },
      additionalBehaviors: {
        '/api/*': {
          origin: new HttpOrigin(Fn.select(2, Fn.split('/', http.apiEndpoint))),
          viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
          allowedMethods: AllowedMethods.ALLOW_ALL,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        },
      },
    });
    this.deploy(props, { files, distribution, hosted });
    acknowledgeDistribution(distribution);
    this.url = `https://${distribution.distributionDomainName}`;
    hosted?.comeBackTo(this.url);
    new CfnOutput(this, 'Url', { value: this.url });
  }

  /** The page runs its own code, and speaks with its own host, who gives tokens, and the live feed. */
  private createHeaders(signInUrl: string, liveUrl: string): ResponseHeadersPolicy {
    const signIn = Fn.select(2, Fn.split('/', signInUrl));
    const live = Fn.select(2, Fn.split('/', liveUrl));
    const override = true;
    return new ResponseHeadersPolicy(this, 'Headers', {
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: `default-src 'self'; connect-src 'self' https://${signIn} wss://${live}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'`,
          override,
        },
        contentTypeOptions: { override },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(strictTransportDays), override },
      },
    });
  }

  private deploy({ stage, page, tokens, liveUrl }: PageProps, { files, distribution, hosted }: Deployed): void {
    const config = {
      api: '',
      hosted: hosted?.config ?? { issuer: tokens.issuer, clientId: tokens.audience[0], scope: signInScope },
      roleClaim: tokens.roleClaim,
      refreshEveryMs,
      liveUrl,
    };
    const deployment = new BucketDeployment(this, 'Deployment', {
      sources: [Source.asset(page.folder), Source.jsonData('config.json', config)],
      destinationBucket: files,
      distribution,
      distributionPaths: ['/index.html', '/config.json', '/'],
      logGroup: new LogGroup(this, 'DeploymentLogs', {
        retention: stage.retention.logDays,
        removalPolicy: removalPolicyOf(stage),
      }),
    });
    acknowledgeDeployment(deployment, files);
  }
}

function acknowledgeDistribution(distribution: Distribution): void {
  acknowledge(distribution, 'CFR1', 'Plants stand in every country; who may look is decided by a token.');
  acknowledge(distribution, 'CFR2', 'The files are public by nature and the API has its own rate limit and tokens.');
  acknowledge(
    distribution,
    'CFR3',
    'What is asked of the API is in its own access log; the files are public and the same for all.',
  );
  acknowledge(
    distribution,
    'CFR4',
    'CloudFront’s own name comes with its own certificate, whose oldest TLS version nobody can choose.',
  );
}

/** CDK's own function for copying assets: it runs at a deployment alone, and its role is CDK's choice. */
function acknowledgeDeployment(deployment: BucketDeployment, files: IBucket): void {
  const role = deployment.handlerRole;
  const provider = role.node.scope!;
  const reason = 'The role of CDK’s copying function, which runs at a deployment alone; CDK writes it.';
  const actions = ['s3:GetBucket*', 's3:GetObject*', 's3:List*', 's3:Abort*', 's3:DeleteObject*'];
  for (const action of actions) acknowledge(role, `IAM5[Action::${action}]`, reason);
  const stack = Stack.of(deployment);
  const filesId = stack.getLogicalId(files.node.defaultChild as CfnBucket);
  const assets = `arn:aws:s3:::cdk-hnb659fds-assets-${assetAccount(stack)}-${stack.region}`;
  for (const resource of [`<${filesId}.Arn>/*`, `${assets}/*`, '*']) {
    acknowledge(role, `IAM5[Resource::${resource}]`, reason);
  }
  const basicExecution = 'arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
  acknowledge(role, `IAM4[Policy::${basicExecution}]`, reason);
  acknowledge(provider, 'L1', 'The runtime of CDK’s copying function comes with CDK and is renewed with it.');
}

/** As cdk-nag writes it: a stage without an account leaves it to the credentials. */
const assetAccount = (stack: Stack): string => (Token.isUnresolved(stack.account) ? '<AWS::AccountId>' : stack.account);
