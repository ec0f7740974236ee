/** What a template says of a distribution: its origins, and which paths go to which. */
import type { Json } from '../engine.ts';

export interface Distribution {
  readonly arn: string;
  readonly rootObject: string;
  /** In the order in which they are asked; the last takes every path. */
  readonly behaviours: readonly Behaviour[];
}

export interface Behaviour {
  readonly takes: RegExp;
  readonly origin: Origin;
  readonly headersPolicyId: string | null;
}

/** An API of this laptop has the same address and answers before the distribution is asked. */
export type Origin = { readonly kind: 'bucket'; readonly bucket: string } | { readonly kind: 'api' };

const config = 'DistributionConfig';
const behaviourProperties = [
  'AllowedMethods',
  'CachePolicyId',
  'Compress',
  'OriginRequestPolicyId',
  'ResponseHeadersPolicyId',
  'TargetOriginId',
  'ViewerProtocolPolicy',
];

/** How far copies lie from readers, and by which HTTP they come, makes no difference to what they read. */
export const distributionProperties = [
  ...['Comment', 'DefaultRootObject', 'Enabled', 'HttpVersion', 'IPV6Enabled', 'PriceClass'],
  ...['Id', 'DomainName', 'OriginAccessControlId', 'S3OriginConfig.OriginAccessIdentity'].map(
    (name) => `Origins.${name}`,
  ),
  ...['OriginProtocolPolicy', 'OriginSSLProtocols'].map((name) => `Origins.CustomOriginConfig.${name}`),
  ...behaviourProperties.map((name) => `DefaultCacheBehavior.${name}`),
  ...['PathPattern', ...behaviourProperties].map((name) => `CacheBehaviors.${name}`),
]
  .map((path) => `${config}.${path}`)
  .concat('Tags.*');

/** CachingDisabled, CachingOptimized, AllViewerExceptHostHeader (developer guide, "Use managed cache policies", "… origin request policies"). */
const managedPolicies = [
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  '658327ea-f89d-4fab-a63d-7e88639e58f6',
  'b689b0a8-53d0-40ab-baf2-68738e2966ac',
];

interface BehaviourConfig {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly CachePolicyId?: string;
  readonly OriginRequestPolicyId?: string;
  readonly ResponseHeadersPolicyId?: string;
}

interface OriginConfig {
  readonly Id: string;
  readonly DomainName: string;
  readonly OriginAccessControlId?: string;
}

export interface Known {
  /** `host:port` of the laptop. */
  readonly host: string;
  readonly accessControls: ReadonlySet<string>;
  readonly headersPolicies: ReadonlyMap<string, unknown>;
}

export function readDistribution(arn: string, properties: Json, known: Known): Distribution {
  const { DefaultRootObject, Origins, DefaultCacheBehavior, CacheBehaviors } = properties[config] as {
    readonly DefaultRootObject?: string;
    readonly Origins: readonly OriginConfig[];
    readonly DefaultCacheBehavior: BehaviourConfig;
    readonly CacheBehaviors?: readonly BehaviourConfig[];
  };
  const origins = new Map(Origins.map((origin) => [origin.Id, readOrigin(origin, known)]));
  const behaviours = [...(CacheBehaviors ?? []), DefaultCacheBehavior].map((one) => readBehaviour(one, origins, known));
  return { arn, rootObject: DefaultRootObject ?? '', behaviours };
}

function readOrigin({ DomainName, OriginAccessControlId }: OriginConfig, known: Known): Origin {
  if (DomainName === known.host) return { kind: 'api' };
  const [, bucket] = /^([a-z0-9.-]+)\.s3\.[a-z0-9-]+\.amazonaws\.com$/.exec(DomainName) ?? [];
  if (bucket === undefined || !known.accessControls.has(OriginAccessControlId ?? '')) {
    throw new Error(`Origins: got "${DomainName}", modelled are buckets with access control and the laptop's own API`);
  }
  return { kind: 'bucket', bucket };
}

function readBehaviour(one: BehaviourConfig, origins: ReadonlyMap<string, Origin>, known: Known): Behaviour {
  for (const id of [one.CachePolicyId, one.OriginRequestPolicyId]) {
    if (id !== undefined && !managedPolicies.includes(id)) throw new Error(`policy ${id} is not modelled here`);
  }
  const headersPolicyId = one.ResponseHeadersPolicyId ?? null;
  if (headersPolicyId !== null && !known.headersPolicies.has(headersPolicyId)) {
    throw new Error(`ResponseHeadersPolicyId: there is no policy "${headersPolicyId}"`);
  }
  const origin = origins.get(one.TargetOriginId);
  if (origin === undefined) throw new Error(`TargetOriginId: there is no origin "${one.TargetOriginId}"`);
  return { takes: readPattern(one.PathPattern ?? '*'), origin, headersPolicyId };
}

/** `*` stands for any letters, `?` for one (developer guide, "Path pattern"). */
function readPattern(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
