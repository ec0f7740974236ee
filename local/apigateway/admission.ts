/** Who may take a route: everybody, the bearer of a token, or who signs with a role that IAM lets invoke this very route. */
import { type Cloud, formatArn, type Json } from '../engine.ts';
import type { Credentials } from '../wire/credentials.ts';
import type { WireRequest } from '../wire/request.ts';
import { checkToken, type JwtSettings } from './jwt-authorizer.ts';
import { checkSignature } from './signature.ts';

/** How the template guards a route. */
export type Guard = { readonly kind: 'NONE' | 'AWS_IAM' } | { readonly kind: 'JWT'; readonly authorizerId: string };

export interface Asking {
  readonly cloud: Cloud;
  readonly credentials: Credentials;
  readonly request: WireRequest;
  readonly guard: Guard;
  readonly settings: JwtSettings | undefined;
  /** `<api>/<stage>/<METHOD>/<path>` as the caller wrote it. */
  readonly place: string;
}

/** What the function is told of the caller, or the status that refuses. */
export type Admission =
  | { readonly isLet: true; readonly authorizer: Json | null }
  | { readonly isLet: false; readonly statusCode: 401 | 403 };

export function admit(asking: Asking): Admission {
  const { cloud, guard, request, settings } = asking;
  if (guard.kind === 'NONE') return { isLet: true, authorizer: null };
  if (guard.kind === 'AWS_IAM') return admitSigned(asking);
  if (settings === undefined) throw new Error('AuthorizerId: there is no such authorizer');
  const checked = checkToken(request.headers.authorization, settings, cloud.nowMs());
  if (!checked.ok) return { isLet: false, statusCode: 401 };
  return { isLet: true, authorizer: { jwt: { claims: checked.value, scopes: null } } };
}

function admitSigned({ cloud, credentials, request, place }: Asking): Admission {
  const { region, accountId } = cloud;
  const nowMs = cloud.nowMs();
  const signed = checkSignature(request, { service: 'execute-api', region, nowMs, findSecret: credentials.findSecret });
  const caller = signed.ok ? credentials.find(signed.value) : undefined;
  if (!signed.ok || caller === undefined) {
    cloud.tell('apigateway', `${request.method} ${request.path}: ${signed.ok ? 'nobody' : signed.error}`);
    return { isLet: false, statusCode: 403 };
  }
  try {
    cloud.authorize(caller, { action: 'execute-api:Invoke', resource: formatArn(cloud, 'execute-api', place) });
  } catch (error) {
    cloud.tell('apigateway', (error as Error).message);
    return { isLet: false, statusCode: 403 };
  }
  const name = caller.kind === 'role' ? caller.arn.split('/').at(-1) : null;
  const userArn =
    name === null ? `arn:aws:iam::${accountId}:root` : `arn:aws:sts::${accountId}:assumed-role/${name}/laptop`;
  const identity = { accessKey: signed.value, accountId, callerId: userArn, userArn, userId: userArn };
  return { isLet: true, authorizer: { iam: { ...identity, cognitoIdentity: null, principalOrgId: null } } };
}
