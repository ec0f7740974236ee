import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts a finding of cdk-nag's AwsSolutions rules on one construct, with the reason that stands in the report. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });
}

/**
 * Accepts one wildcard resource of a role or a policy, and no other. A resource of another stack must be given by its export
 * (`exportedArn`), because the finding names what the template says in the end.
 */
export function acknowledgeWildcard(holder: IConstruct, resource: string, reason: string): void {
  acknowledge(holder, `IAM5[Resource::${flatten(Stack.of(holder).resolve(resource))}]`, reason);
}

/** The ARN as another stack will read it. */
export function exportedArn(arn: string, owner: IConstruct, reader: IConstruct): string {
  return Stack.of(owner) === Stack.of(reader) ? arn : Stack.of(owner).exportValue(arn);
}

type Intrinsic = string | Readonly<Record<string, unknown>>;

/** As cdk-nag writes a resource in its findings. */
function flatten(value: Intrinsic): string {
  if (typeof value === 'string') return value;
  const [[name, argument]] = Object.entries(value) as [[string, unknown]];
  if (name === 'Fn::Join') return (argument as [string, Intrinsic[]])[1].map(flatten).join('');
  if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  return name === 'Ref' ? `<${argument}>` : String(argument);
}
