import type { Cloud, ResourceModel } from '../engine.ts';
import { formatArn } from '../engine.ts';
import { readDefinition } from './definition.ts';
import type { Machine } from './transitions.ts';

/** By ARN. */
export type Machines = Map<string, Machine>;

export const stateMachineModel = (cloud: Cloud, machines: Machines): ResourceModel => ({
  properties: ['StateMachineName', 'StateMachineType', 'DefinitionString', 'RoleArn', 'Tags.*'],
  create: ({ properties, physicalName }) => {
    if ((properties.StateMachineType ?? 'STANDARD') !== 'STANDARD')
      throw new Error('StateMachineType: only STANDARD is modelled');
    const name = String(properties.StateMachineName ?? physicalName);
    const arn = formatArn(cloud, 'states', `stateMachine:${name}`);
    const caller = cloud.iam.assume(String(properties.RoleArn), 'states.amazonaws.com');
    machines.set(arn, { arn, name, caller, definition: readDefinition(String(properties.DefinitionString)) });
    return { ref: arn, attributes: { Arn: arn, Name: name } };
  },
});
