/** CloudFormation: the stacks that were brought up, with their outputs and what each logical id became. */
import type { Cloud, Engine, Json } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { listing } from '../listing.ts';
import type { Deployment } from '../template/bring-up.ts';

const status = 'CREATE_COMPLETE';

export function createStacks(cloud: Cloud, { outputs, resources }: Deployment): Engine {
  const CreationTime = new Date(cloud.nowMs()).toISOString();
  const arnOf = (name: string): string => formatArn(cloud, 'cloudformation', `stack/${name}/local`);
  const nameIn = ({ StackName }: Json): string => {
    const name = String(StackName);
    const found = [...outputs.keys()].find((one) => name === one || name === arnOf(one));
    if (found !== undefined) return found;
    throw new ServiceError('ValidationError', `Stack with id ${name} does not exist`);
  };
  const summarise = (name: string): Json => ({
    StackId: arnOf(name),
    StackName: name,
    CreationTime,
    StackStatus: status,
  });
  const resourceOf = ({ StackName }: Json): string => {
    const name = String(StackName ?? '*');
    return name.startsWith('arn:') ? name : formatArn(cloud, 'cloudformation', `stack/${name}/*`);
  };
  const paging = { size: null, after: 'NextToken' };
  return {
    name: 'cloudformation',
    resources: {},
    operations: {
      ListStacks: listing({
        action: 'cloudformation:ListStacks',
        paging,
        members: ['StackStatusFilter'],
        into: 'StackSummaries',
        find: ({ StackStatusFilter: wanted }) =>
          [...outputs.keys()]
            .filter(() => wanted === undefined || (wanted as string[]).includes(status))
            .map((name) => [name, summarise(name)]),
      }),
      DescribeStacks: listing({
        action: 'cloudformation:DescribeStacks',
        resource: resourceOf,
        paging,
        members: ['StackName'],
        into: 'Stacks',
        find: (input) =>
          (input.StackName === undefined ? [...outputs.keys()] : [nameIn(input)]).map((name) => [
            name,
            { ...summarise(name), Outputs: describeOutputs(outputs.get(name)!) },
          ]),
      }),
      ListStackResources: listing({
        action: 'cloudformation:ListStackResources',
        resource: resourceOf,
        paging,
        members: ['StackName'],
        into: 'StackResourceSummaries',
        find: (input) =>
          [...resources]
            .map(([place, made]) => [...place.split('/'), made] as [string, string, typeof made])
            .filter(([stack]) => stack === nameIn(input))
            .map(([, LogicalResourceId, { ref, type }]) => [
              LogicalResourceId,
              { LogicalResourceId, PhysicalResourceId: ref, ResourceType: type, ResourceStatus: status },
            ]),
      }),
    },
  };
}

const describeOutputs = (outputs: Readonly<Record<string, unknown>>): readonly Json[] =>
  Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue: String(OutputValue) }));
