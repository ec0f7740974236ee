/**
 * Whether a JWT holds: signed by the issuer with RS256, for one of the audience, not expired and not of the future. The
 * rules are those of API Gateway's own JWT authorizer ("Control access to HTTP APIs with JWT authorizers"), which a
 * WebSocket API does not have: `aud`, or `client_id` where there is no `aud`, as in Cognito's access tokens.
 */
import { failure, type Result, success } from '../../core/result.ts';

export type Claims = Readonly<Record<string, unknown>>;

export interface TokenRules {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** Whether the signature over this text is that of the issuer's key; false for a key that it does not have. */
  readonly isSigned: (keyId: string, text: string, signature: string) => Promise<boolean>;
}

export async function checkToken(token: string, rules: TokenRules, nowMs: number): Promise<Result<Claims, string>> {
  const [head = '', body = '', signature = '', ...rest] = token.split('.');
  const header = decode(head);
  const claims = decode(body);
  if (header?.alg !== 'RS256' || claims === null || rest.length > 0) return failure('it is no JWT signed by RS256');
  if (!(await rules.isSigned(String(header.kid), `${head}.${body}`, signature))) {
    return failure('its signature does not fit');
  }
  const problem = findProblem(claims, rules, nowMs / 1000);
  return problem === null ? success(claims) : failure(problem);
}

function findProblem(claims: Claims, { issuer, audience }: TokenRules, nowS: number): string | null {
  if (claims.iss !== issuer) return 'it is of another issuer';
  const meantFor = claims.aud === undefined ? [claims.client_id] : [claims.aud].flat();
  if (!meantFor.some((name) => audience.includes(String(name)))) return 'it is for another audience';
  if (typeof claims.exp !== 'number' || claims.exp <= nowS) return 'it has expired';
  if (typeof claims.nbf === 'number' && claims.nbf > nowS) return 'it does not hold yet';
  // A second for clocks that differ.
  if (typeof claims.iat === 'number' && claims.iat > nowS + 1) return 'it is of the future';
  return null;
}

function decode(part: string): Claims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : null;
  } catch {
    return null; // not base64url of JSON: no token
  }
}
