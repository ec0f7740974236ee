import type { Json } from '../engine.ts';

export const permissionProperties = [
  'Action',
  'FunctionName',
  'Principal',
  'SourceArn',
  'SourceAccount',
  'FunctionUrlAuthType',
  'InvokedViaFunctionUrl',
];

/** The statement in a function's own policy that a permission stands for. */
export function toPolicy(properties: Json, functionArn: string): Json {
  const principal = String(properties.Principal);
  const conditions = {
    ...(properties.SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': properties.SourceArn } }),
    ...(properties.SourceAccount === undefined
      ? {}
      : { StringEquals: { 'aws:SourceAccount': properties.SourceAccount } }),
    ...(properties.FunctionUrlAuthType === undefined
      ? {}
      : { StringEquals: { 'lambda:FunctionUrlAuthType': properties.FunctionUrlAuthType } }),
    ...(properties.InvokedViaFunctionUrl === undefined
      ? {}
      : { Bool: { 'lambda:InvokedViaFunctionUrl': properties.InvokedViaFunctionUrl } }),
  };
  const statement = {
    Effect: 'Allow',
    Principal: principal.endsWith('.amazonaws.com') ? { Service: principal } : { AWS: principal },
    Action: properties.Action,
    Resource: functionArn,
    Condition: conditions,
  };
  return { Statement: [statement] };
}
