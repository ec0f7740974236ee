/**
 * `{{resolve:secretsmanager:id:SecretString:field::}}` in a property: what a template takes from a secret, so that it
 * stands in no template. AWS reads it when the resource is made or changed, the laptop at each start. Source:
 * CloudFormation user guide, "Use dynamic references". Other services stop the start.
 */
export type ReadSecret = (id: string) => string;

const reference = /\{\{resolve:([^}]*)\}\}/g;
const ofSecret = /^secretsmanager:(.+?)(?::SecretString:([^:]*)(?::[^:]*){0,2})?$/;

export function resolveReferences(value: unknown, readSecret: ReadSecret): unknown {
  if (typeof value === 'string')
    return value.replace(reference, (_, inside: string) => resolveReference(inside, readSecret));
  if (Array.isArray(value)) return value.map((item) => resolveReferences(item, readSecret));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveReferences(item, readSecret)]));
}

function resolveReference(inside: string, readSecret: ReadSecret): string {
  const [, id, field = ''] = ofSecret.exec(inside) ?? [];
  if (id === undefined) throw new Error(`{{resolve:${inside}}}: modelled are references to secretsmanager`);
  const secret = readSecret(id);
  if (field === '') return secret;
  const found = readField(secret, field);
  if (found === undefined) throw new Error(`{{resolve:${inside}}}: the secret is no JSON with a field "${field}"`);
  return String(found);
}

function readField(secret: string, field: string): unknown {
  try {
    return (JSON.parse(secret) as Readonly<Record<string, unknown>> | null)?.[field];
  } catch {
    // A text has no fields; the caller says so.
    return undefined;
  }
}
