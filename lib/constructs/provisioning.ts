import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPolicy, CfnProvisioningTemplate } from 'aws-cdk-lib/aws-iot';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { ProvisioningEnv } from '../../lambdas/provisioning/env.ts';
import type { Bundles } from '../bundle.ts';
import { machinePolicyName, nameInStage, provisioningTemplateName, thingTypeName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { acknowledgeWildcard } from './acknowledge.ts';
import { NodeFunction } from './node-function.ts';
import type { Registry } from './registry.ts';

export interface ProvisioningProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly registry: Registry;
}

/**
 * Machines that come with a claim certificate get one of their own at their first connection, if the hook knows them.
 * A laptop has none of it: there `npm start` enrols its machines.
 */
export class Provisioning extends Construct {
  readonly hook: NodeFunction;
  private readonly templateName: string;

  constructor(scope: Construct, id: string, props: ProvisioningProps) {
    super(scope, id);
    const { stage } = props;
    this.templateName = provisioningTemplateName(stage.name);
    this.hook = this.createHook(props);
    const template = new CfnProvisioningTemplate(this, 'Template', {
      templateName: this.templateName,
      description: 'Machines of the registry, by claim',
      enabled: true,
      templateType: 'FLEET_PROVISIONING',
      provisioningRoleArn: this.createRole(stage).roleArn,
      preProvisioningHook: { payloadVersion: '2020-04-01', targetArn: this.hook.function.functionArn },
      templateBody: JSON.stringify(describeMachine(stage)),
    });
    template.addResourceDependency(
      new CfnPermission(this, 'HookPermission', {
        action: 'lambda:InvokeFunction',
        functionName: this.hook.function.functionName,
        principal: 'iot.amazonaws.com',
        sourceArn: this.arnOf(`provisioningtemplate/${this.templateName}`),
      }),
    );
    this.createClaimPolicy(stage);
  }

  private createHook({ stage, bundles, registry }: ProvisioningProps): NodeFunction {
    const environment: ProvisioningEnv = {
      STAGE: stage.name,
      REGISTRY_TABLE: registry.table.tableName,
      THING_TYPE_PREFIX: thingTypeName(stage.name, ''),
    };
    const hook = new NodeFunction(this, 'Hook', {
      stage,
      bundles,
      name: 'provisioning',
      description: 'Says which machines may have a certificate',
      environment,
      memoryMb: 256,
      timeoutS: 5, // IoT Core waits no longer
    });
    registry.grantRead(hook.role);
    const things = this.arnOf('thing/*');
    hook.role.addToPolicy(new PolicyStatement({ actions: ['iot:ListThingPrincipals'], resources: [things] }));
    acknowledgeWildcard(hook.role, things, 'Any machine may ask, and its thing does not exist before.');
    return hook;
  }

  /** What IoT Core does in our name for an allowed machine. */
  private createRole(stage: Stage): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('iot.amazonaws.com') });
    const things = this.arnOf('thing/*');
    const certificates = this.arnOf('cert/*');
    role.addToPolicy(
      new PolicyStatement({
        actions: ['iot:AttachThingPrincipal', 'iot:CreateThing', 'iot:DescribeThing', 'iot:UpdateThing'],
        resources: [things],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ['iot:AttachPolicy', 'iot:DescribeCertificate', 'iot:UpdateCertificate'],
        resources: [certificates],
      }),
    );
    const policy = this.arnOf(`policy/${machinePolicyName(stage.name)}`);
    role.addToPolicy(new PolicyStatement({ actions: ['iot:AttachPolicy', 'iot:GetPolicy'], resources: [policy] }));
    acknowledgeWildcard(role, things, 'The things do not exist before it makes them.');
    acknowledgeWildcard(role, certificates, 'The certificates do not exist before it makes them.');
    return role;
  }

  /** For the claim certificates that a manufacturer puts into machines: they can ask for an own one and nothing else. */
  private createClaimPolicy(stage: Stage): void {
    const topics = ['$aws/certificates/create/*', `$aws/provisioning-templates/${this.templateName}/provision/*`];
    const arnsOf = (kind: string): string[] => topics.map((topic) => this.arnOf(`${kind}/${topic}`));
    new CfnPolicy(this, 'ClaimPolicy', {
      policyName: nameInStage(stage.name, 'claim'),
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'iot:Connect', Resource: this.arnOf('client/claim-*') },
          { Effect: 'Allow', Action: ['iot:Publish', 'iot:Receive'], Resource: arnsOf('topic') },
          { Effect: 'Allow', Action: 'iot:Subscribe', Resource: arnsOf('topicfilter') },
        ],
      },
    });
  }

  private arnOf(resource: string): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:iot:${region}:${account}:${resource}`;
  }
}

/** The template of the machine: IoT Core fills in MachineId from the machine, ThingType from the hook. */
const describeMachine = (stage: Stage) => ({
  Parameters: {
    MachineId: { Type: 'String' },
    ThingType: { Type: 'String' },
    'AWS::IoT::Certificate::Id': { Type: 'String' },
  },
  Resources: {
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: machinePolicyName(stage.name) } },
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: { ThingName: { Ref: 'MachineId' }, ThingTypeName: { Ref: 'ThingType' } },
    },
  },
});
