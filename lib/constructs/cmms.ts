import { Duration } from 'aws-cdk-lib';
import {
  ApiDestination,
  Authorization,
  Connection,
  type EventPattern,
  type IApiDestination,
  Rule,
} from 'aws-cdk-lib/aws-events';
import { ApiDestination as ApiDestinationTarget } from 'aws-cdk-lib/aws-events-targets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { eventSource } from '../../core/events/event-types.ts';
import { channelSecretName, cmmsName, deadLettersName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import type { EventBus } from './event-bus.ts';
import { removalPolicyOf } from './stage-defaults.ts';

export interface CmmsProps {
  readonly stage: Stage;
  readonly events: EventBus;
  readonly cmms: NonNullable<Stage['maintenance']['cmms']>;
}

/**
 * Every news of a work order to the plant's maintenance system. The order of two news does not matter there (each carries
 * the whole order with its version), so an API destination does: no function of ours stands between.
 */
export class Cmms extends Construct {
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { stage, events, cmms }: CmmsProps) {
    super(scope, id);
    const key = new Secret(this, 'Key', {
      secretName: channelSecretName(stage.name, 'cmms'),
      description:
        'The x-api-key that the maintenance system is to know us by; the connection takes it at each deployment',
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      removalPolicy: removalPolicyOf(stage),
    });
    acknowledge(key, 'SMG4', 'Two systems hold it: it changes when a person changes both.');
    const connection = new Connection(this, 'Connection', {
      authorization: Authorization.apiKey('x-api-key', key.secretValue),
      description: 'The maintenance system of the plant',
    });
    const destination: unknown = new ApiDestination(this, 'Destination', {
      connection,
      endpoint: cmms.url,
      rateLimitPerSecond: cmms.rateLimitPerS,
    });
    this.deadLetters = createDeadLetterQueue(this, 'DeadLetters', deadLettersName(cmmsName(stage.name)));
    new Rule(this, 'WorkOrders', {
      eventBus: events.bus,
      // A replay of the archive is for who asks for it.
      eventPattern: {
        source: [eventSource],
        detailType: ['maintenance'],
        'replay-name': [{ exists: false }],
      } as EventPattern,
      targets: [
        // The class is not assignable to its own interface under exactOptionalPropertyTypes.
        new ApiDestinationTarget(destination as IApiDestination, {
          deadLetterQueue: this.deadLetters,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
  }
}
