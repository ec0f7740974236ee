import { Aws, Stack } from 'aws-cdk-lib';
import { CfnPolicy, CfnThingType } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import { knownTypes } from '../../core/machine-types/known.ts';
import { channels, formatBasicIngestTopic, formatTopic } from '../../core/telemetry/topic.ts';
import { machinePolicyName, ruleNameInStage, thingTypeName } from '../names.ts';
import type { Stage } from '../stage.ts';

/** IoT Core puts the connection's own thing in here; it resolves only while the certificate is attached to that thing. */
const ownThing = '${iot:Connection.Thing.ThingName}';

/**
 * What a machine may do: connect under its own name and publish on its own topics. It may hear nothing, because the
 * twin advises people and never commands a machine.
 */
export class MachineAccess extends Construct {
  readonly policyName: string;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    const { stage } = props;
    this.policyName = machinePolicyName(stage.name);
    for (const type of knownTypes.types) {
      new CfnThingType(this, `Type-${type.name}`, { thingTypeName: thingTypeName(stage.name, type.name) });
    }
    const topics = channels.flatMap((channel) => [
      formatTopic(ownThing, channel),
      formatBasicIngestTopic(ruleNameInStage(stage.name, channel), ownThing, channel),
    ]);
    new CfnPolicy(this, 'Policy', {
      policyName: this.policyName,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'iot:Connect',
            Resource: this.arnOf(`client/${ownThing}`),
            Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
          },
          { Effect: 'Allow', Action: 'iot:Publish', Resource: topics.map((topic) => this.arnOf(`topic/${topic}`)) },
        ],
      },
    });
  }

  private arnOf(resource: string): string {
    return `arn:${Aws.PARTITION}:iot:${Stack.of(this).region}:${Stack.of(this).account}:${resource}`;
  }
}
