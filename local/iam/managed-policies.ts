import type { Json } from '../engine.ts';

const allow = (actions: readonly string[]): Json => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
});

/** AWS's own policies that roles of this application may name, as the IAM console shows them. */
export const managedPolicies: Readonly<Record<string, Json>> = {
  'service-role/AWSLambdaBasicExecutionRole': allow([
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ]),
};
