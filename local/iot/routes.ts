/** How the IoT control plane's calls stand in HTTP: the path's `{names}`, the query and these headers become input. */
export interface RestRoute {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  /** Header name to input field. */
  readonly headers?: Readonly<Record<string, string>>;
}

const principal = { 'x-amzn-principal': 'principal' };

export const iotRoutes: readonly RestRoute[] = [
  { operation: 'CreateThing', method: 'POST', path: '/things/{thingName}' },
  { operation: 'DescribeThing', method: 'GET', path: '/things/{thingName}' },
  { operation: 'DeleteThing', method: 'DELETE', path: '/things/{thingName}' },
  { operation: 'ListThings', method: 'GET', path: '/things' },
  { operation: 'ListThingPrincipals', method: 'GET', path: '/things/{thingName}/principals' },
  { operation: 'AttachThingPrincipal', method: 'PUT', path: '/things/{thingName}/principals', headers: principal },
  { operation: 'DetachThingPrincipal', method: 'DELETE', path: '/things/{thingName}/principals', headers: principal },
  { operation: 'CreateKeysAndCertificate', method: 'POST', path: '/keys-and-certificate' },
  { operation: 'DescribeCertificate', method: 'GET', path: '/certificates/{certificateId}' },
  { operation: 'UpdateCertificate', method: 'PUT', path: '/certificates/{certificateId}' },
  { operation: 'DeleteCertificate', method: 'DELETE', path: '/certificates/{certificateId}' },
  { operation: 'AttachPolicy', method: 'PUT', path: '/target-policies/{policyName}' },
  { operation: 'DetachPolicy', method: 'POST', path: '/target-policies/{policyName}' },
  { operation: 'ListAttachedPolicies', method: 'POST', path: '/attached-policies/{target}' },
  { operation: 'DescribeEndpoint', method: 'GET', path: '/endpoint' },
];
