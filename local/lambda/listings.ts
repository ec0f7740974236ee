/** Which functions there are and how each is set. */
import type { Json, Operation, Route } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import { listing } from '../listing.ts';
import type { FunctionSettings } from './function.ts';

export const lambdaRoutes: readonly Route[] = [
  { operation: 'ListFunctions', method: 'GET', path: '/2015-03-31/functions' },
  { operation: 'GetFunctionConfiguration', method: 'GET', path: '/2015-03-31/functions/{FunctionName}/configuration' },
];

/** Configurations by name; `arnOf` takes whatever a caller calls a function. */
export const lambdaListings = (
  configurations: ReadonlyMap<string, Json>,
  arnOf: (nameOrArn: string) => string,
): Readonly<Record<string, Operation>> => ({
  ListFunctions: listing({
    action: 'lambda:ListFunctions',
    paging: { size: 'MaxItems', after: 'Marker', next: 'NextMarker' },
    into: 'Functions',
    find: () => configurations,
  }),
  GetFunctionConfiguration: {
    members: ['FunctionName'],
    access: ({ FunctionName }) => [
      { action: 'lambda:GetFunctionConfiguration', resource: arnOf(String(FunctionName)) },
    ],
    run: ({ FunctionName }) => {
      const arn = arnOf(String(FunctionName));
      const found = [...configurations.values()].find(({ FunctionArn }) => FunctionArn === arn);
      if (found !== undefined) return found;
      throw new ServiceError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
    },
  },
});

/** The variables that Lambda itself defines are no part of the configuration. */
export const describeFunction = (properties: Json, settings: FunctionSettings): Json => ({
  FunctionName: settings.name,
  FunctionArn: settings.arn,
  Role: settings.roleArn,
  Handler: properties.Handler,
  Runtime: properties.Runtime,
  Description: properties.Description ?? '',
  Timeout: settings.timeoutMs / 1000,
  MemorySize: settings.runtime.memoryMb,
  Architectures: properties.Architectures,
  Environment: properties.Environment,
  LoggingConfig: properties.LoggingConfig,
  TracingConfig: properties.TracingConfig,
  PackageType: 'Zip',
  Version: '$LATEST',
  State: 'Active',
  LastUpdateStatus: 'Successful',
});
