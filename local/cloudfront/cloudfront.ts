/**
 * CloudFront: a distribution answers at the laptop's own address with what lies in its bucket, which it reads as itself, so
 * that the bucket's policy decides. Nothing is cached: what was deployed is what is seen.
 */
import type { Caller, Cloud, Engine, ResourceModel } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import { contentTypeOf } from '../wire/content-types.ts';
import type { WireRequest, WireResponse } from '../wire/request.ts';
import { type Distribution, distributionProperties, readDistribution } from './distribution.ts';
import { headersPolicyProperties, readSecurityHeaders } from './security-headers.ts';

export interface CloudFrontEngine extends Engine {
  /** Undefined where there is no distribution, or where an API behind it is asked. */
  answer(request: WireRequest): Promise<WireResponse | undefined>;
}

type Headers = Readonly<Record<string, string>>;

interface State {
  distribution: Distribution | null;
  readonly accessControls: Set<string>;
  readonly headersPolicies: Map<string, Headers>;
}

export function createCloudFront(cloud: Cloud, { endpointUrl }: { readonly endpointUrl: string }): CloudFrontEngine {
  const state: State = { distribution: null, accessControls: new Set(), headersPolicies: new Map() };
  return {
    name: 'cloudfront',
    operations: {},
    resources: {
      'AWS::CloudFront::Distribution': distributionModel(cloud, state, new URL(endpointUrl).host),
      'AWS::CloudFront::OriginAccessControl': accessControlModel(state),
      'AWS::CloudFront::ResponseHeadersPolicy': {
        properties: headersPolicyProperties,
        create: ({ properties, physicalName }) => {
          state.headersPolicies.set(physicalName, readSecurityHeaders(properties));
          return { ref: physicalName, attributes: { Id: physicalName } };
        },
      },
    },
    answer: async (request) => (state.distribution === null ? undefined : serve(request, cloud, state)),
  };
}

const accessControlModel = ({ accessControls }: State): ResourceModel => ({
  properties: ['Name', 'OriginAccessControlOriginType', 'SigningBehavior', 'SigningProtocol'].map(
    (name) => `OriginAccessControlConfig.${name}`,
  ),
  create: ({ properties, physicalName }) => {
    const { OriginAccessControlOriginType: type, SigningBehavior: behaviour } =
      properties.OriginAccessControlConfig as Readonly<Record<string, string>>;
    if (type !== 's3' || behaviour !== 'always') {
      throw new Error(`OriginAccessControlConfig: got ${type}, ${behaviour}, modelled is s3, always`);
    }
    accessControls.add(physicalName);
    return { ref: physicalName, attributes: { Id: physicalName } };
  },
});

const distributionModel = (cloud: Cloud, state: State, host: string): ResourceModel => ({
  properties: distributionProperties,
  create: ({ properties, physicalName }) => {
    if (state.distribution !== null) throw new Error('a laptop has one distribution');
    const id = `E${physicalName.slice(-8).toUpperCase()}`;
    const arn = `arn:aws:cloudfront::${cloud.accountId}:distribution/${id}`;
    state.distribution = readDistribution(arn, properties, { host, ...state });
    return { ref: id, attributes: { Id: id, DomainName: host } };
  },
});

async function serve(request: WireRequest, cloud: Cloud, state: State): Promise<WireResponse | undefined> {
  const { behaviours, rootObject, arn } = state.distribution!;
  const { origin, headersPolicyId } = behaviours.find(({ takes }) => takes.test(request.path))!;
  if (origin.kind === 'api') return undefined;
  const headers = state.headersPolicies.get(headersPolicyId ?? '') ?? {};
  if (request.method !== 'GET' && request.method !== 'HEAD') return { statusCode: 403, headers, body: '' };
  const key = request.path === '/' ? rootObject : readKey(request.path);
  if (key === null) return { statusCode: 400, headers, body: 'Bad Request' };
  const caller: Caller = { kind: 'service', name: 'cloudfront.amazonaws.com', sourceArn: arn };
  try {
    const found = await cloud.call('s3', 'GetObject', { Bucket: origin.bucket, Key: key }, caller);
    const { Body, ETag } = found as { readonly Body: Uint8Array; readonly ETag: string };
    return { statusCode: 200, headers: { ...headers, 'content-type': contentTypeOf(key), etag: ETag }, body: Body };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    // That an object is not there S3 says only to who may list the bucket.
    if (error.name !== 'NoSuchKey' && error.name !== 'AccessDenied') cloud.tell('cloudfront', error.message);
    return { statusCode: 403, headers, body: 'AccessDenied' };
  }
}

/** Null for a path whose percent signs say nothing. */
function readKey(path: string): string | null {
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    return null;
  }
}
