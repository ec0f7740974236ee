/** CloudFront's response headers policies, as far as they are about security. */
import type { Json } from '../engine.ts';

const config = 'ResponseHeadersPolicyConfig';
const security = `${config}.SecurityHeadersConfig`;

export const headersPolicyProperties = [
  `${config}.Name`,
  ...['ContentSecurityPolicy.ContentSecurityPolicy', 'FrameOptions.FrameOption', 'ReferrerPolicy.ReferrerPolicy']
    .concat('StrictTransportSecurity.AccessControlMaxAgeSec')
    .map((path) => `${security}.${path}`),
  ...['ContentSecurityPolicy', 'ContentTypeOptions', 'FrameOptions', 'ReferrerPolicy', 'StrictTransportSecurity'].map(
    (header) => `${security}.${header}.Override`,
  ),
];

/** Those of an S3 origin set none of these: what they would override does not matter. */
export function readSecurityHeaders(properties: Json): Readonly<Record<string, string>> {
  const { SecurityHeadersConfig: headers = {} } = properties[config] as { SecurityHeadersConfig?: SecurityHeaders };
  const transport = headers.StrictTransportSecurity?.AccessControlMaxAgeSec;
  return defined({
    'content-security-policy': headers.ContentSecurityPolicy?.ContentSecurityPolicy,
    'x-content-type-options': headers.ContentTypeOptions === undefined ? undefined : 'nosniff',
    'x-frame-options': headers.FrameOptions?.FrameOption,
    'referrer-policy': headers.ReferrerPolicy?.ReferrerPolicy,
    'strict-transport-security': transport === undefined ? undefined : `max-age=${transport}`,
  });
}

interface SecurityHeaders {
  readonly ContentSecurityPolicy?: { readonly ContentSecurityPolicy: string };
  readonly ContentTypeOptions?: object;
  readonly FrameOptions?: { readonly FrameOption: string };
  readonly ReferrerPolicy?: { readonly ReferrerPolicy: string };
  readonly StrictTransportSecurity?: { readonly AccessControlMaxAgeSec: number };
}

const defined = (headers: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
