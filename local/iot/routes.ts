import type { Route } from '../engine.ts';

/** How the control plane's calls stand in HTTP. */
const principal = { 'x-amzn-principal': 'principal' };

export const iotRoutes: readonly Route[] = [
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
