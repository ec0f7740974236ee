/**
 * API Gateway's JWT authorizer: signature by the issuer's key, `iss`, `aud` or else `client_id`, `exp`, `nbf`, `iat`.
 * Source: API Gateway developer guide, "Control access to HTTP APIs with JWT authorizers".
 */
import { type KeyObject, verify } from 'node:crypto';
import { failure, type Result, success } from '../../core/result.ts';
import type { Json } from '../engine.ts';

export interface JwtSettings {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly findKey: (keyId: string) => KeyObject | undefined;
}

/** The claims as API Gateway gives them to a function: each as text, a list in brackets. */
export type Claims = Readonly<Record<string, string>>;

/** The reason of a refusal is for the log: the caller learns only that the token does not hold. */
export function checkToken(
  authorization: string | undefined,
  settings: JwtSettings,
  nowMs: number,
): Result<Claims, string> {
  const token = /^(?:Bearer )?([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization ?? '');
  if (token === null) return failure('there is no token');
  const [, head = '', body = '', signature = ''] = token;
  const header = parse(head);
  const claims = parse(body);
  if (header?.alg !== 'RS256' || claims === null) return failure('the token is no JWT signed by RS256');
  const key = settings.findKey(String(header.kid));
  if (key === undefined) return failure('the token is signed by an unknown key');
  if (!isSigned({ text: `${head}.${body}`, signature, key })) return failure('the signature does not fit');
  const problem = findProblem(claims, settings, nowMs / 1000);
  return problem === null ? success(flatten(claims)) : failure(problem);
}

interface Signed {
  readonly text: string;
  readonly signature: string;
  readonly key: KeyObject;
}

/** The same token comes with each call of a page: once is enough to find that it fits. */
const known = new WeakMap<KeyObject, Set<string>>();
const mostKnown = 1000;

function isSigned({ text, signature, key }: Signed): boolean {
  const ofKey = known.get(key) ?? new Set();
  known.set(key, ofKey);
  const token = `${text}.${signature}`;
  if (ofKey.has(token)) return true;
  if (!verify('RSA-SHA256', Buffer.from(text), key, Buffer.from(signature, 'base64url'))) return false;
  if (ofKey.size >= mostKnown) ofKey.clear();
  ofKey.add(token);
  return true;
}

function findProblem(claims: Json, { issuer, audience }: JwtSettings, nowS: number): string | null {
  if (claims.iss !== issuer) return 'the token is of another issuer';
  const meantFor = claims.aud === undefined ? [claims.client_id] : [claims.aud].flat();
  if (!meantFor.some((name) => audience.includes(String(name)))) return 'the token is for another audience';
  if (typeof claims.exp !== 'number' || claims.exp <= nowS) return 'the token has expired';
  if (typeof claims.nbf === 'number' && claims.nbf > nowS) return 'the token does not hold yet';
  if (typeof claims.iat === 'number' && claims.iat > nowS + 1) return 'the token is of the future';
  return null;
}

function parse(part: string): Json | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
  } catch {
    return null;
  }
}

const flatten = (claims: Json): Claims =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(' ')}]` : String(value),
    ]),
  );
