import { type Role, readRole } from '../../../../core/api/roles.ts';

/** Who is signed in, from the token; what they may do is decided by the API, and never here. */
export interface Person {
  readonly name: string;
  readonly role: Role | null;
}

const tokenKey = 'factory-twin-token';

export const readToken = (): string | null => sessionStorage.getItem(tokenKey);
export const keepToken = (token: string): void => sessionStorage.setItem(tokenKey, token);
export const dropToken = (): void => sessionStorage.removeItem(tokenKey);

export function readPerson(token: string | null, roleClaim = 'cognito:groups'): Person {
  const claims = readClaims(token);
  return { name: String(claims.username ?? claims.email ?? claims.sub ?? ''), role: readRole(claims[roleClaim]) };
}

function readClaims(token: string | null): Readonly<Record<string, unknown>> {
  const [, payload = ''] = (token ?? '').split('.');
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    // An issuer's opaque token says nothing of who holds it; the API still knows.
    return {};
  }
}
