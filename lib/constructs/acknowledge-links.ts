import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { AcknowledgeEnv } from '../../lambdas/acknowledge/env.ts';
import type { Bundles } from '../bundle.ts';
import { channelSecretName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import type { EventBus } from './event-bus.ts';
import type { Incidents } from './incidents.ts';
import { NodeFunction } from './node-function.ts';
import { removalPolicyOf } from './stage-defaults.ts';

export interface AcknowledgeLinksProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly events: EventBus;
  readonly incidents: Incidents;
}

/** Where the link of a mail leads: open to everybody, because the link itself is the key, signed, short-lived, once. */
export class AcknowledgeLinks extends Construct {
  readonly url: string;
  readonly secret: Secret;
  readonly worker: NodeFunction;

  constructor(scope: Construct, id: string, props: AcknowledgeLinksProps) {
    super(scope, id);
    const { stage, incidents } = props;
    this.secret = new Secret(this, 'Secret', {
      description: 'Signs the links of mails that acknowledge an incident',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: removalPolicyOf(stage),
    });
    acknowledge(
      this.secret,
      'SMG4',
      'A link lives a day: to make the secret anew is one command, and ends every link.',
    );
    const signing = stage.alerting.slackButtons ? this.createSigningSecret(stage) : null;
    const environment: AcknowledgeEnv = {
      ...incidents.environment,
      LINK_SECRET_ARN: this.secret.secretArn,
      SLACK_SIGNING_SECRET_ARN: signing?.secretArn ?? '',
    };
    this.worker = new NodeFunction(this, 'Worker', {
      stage,
      bundles: props.bundles,
      name: 'acknowledge',
      description: 'Shows who follows the link of a mail what it is about, and acknowledges it',
      environment,
      memoryMb: 256,
      timeoutS: 10,
    });
    incidents.grantTable(this.worker.role);
    incidents.grantRemind(this.worker.role);
    props.events.grantPut(this.worker.role);
    this.grantRead(this.worker.role);
    if (signing !== null) this.grantRead(this.worker.role, signing);
    this.url = this.worker.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url;
    incidents.useLinks({ ACKNOWLEDGE_URL: this.url, LINK_SECRET_ARN: this.secret.secretArn });
    this.grantRead(incidents.worker.role);
  }

  private createSigningSecret(stage: Stage): Secret {
    const secret = new Secret(this, 'SlackSigning', {
      secretName: channelSecretName(stage.name, 'slack-signing'),
      description: 'Signing secret of the Slack app whose buttons acknowledge; a person fills it in',
      removalPolicy: removalPolicyOf(stage),
    });
    acknowledge(secret, 'SMG4', 'Slack makes it: only a person can make a new one there and fill it in.');
    return secret;
  }

  private grantRead(role: Role, secret = this.secret): void {
    const resources = [secret.secretArn];
    role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources }));
  }
}
