/** Who may do what: each role may all that the ones before it may. */
export const roles = ['viewer', 'operator', 'engineer', 'admin'] as const;
export type Role = (typeof roles)[number];

const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text);

/**
 * The highest role among a token's groups. API Gateway flattens a list claim to text, `[operator viewer]`; an issuer may
 * also send a list, or names with commas between.
 */
export function readRole(claim: unknown): Role | null {
  const names = Array.isArray(claim) ? claim.map(String) : String(claim ?? '').split(/[[\],\s]+/);
  const held = names.filter(isRole).sort((a, b) => roles.indexOf(a) - roles.indexOf(b));
  return held.at(-1) ?? null;
}

export const mayActAs = (role: Role | null, needed: Role): boolean =>
  role !== null && roles.indexOf(role) >= roles.indexOf(needed);
