import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

/** What a vendor takes, by the fields it documents: the complaints about a payload, none where it fits. */
export function complaintsOf(vendor: string, payload: unknown): readonly string[] {
  const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
  formats.default(ajv);
  const file = join(import.meta.dirname, '../../fixtures/vendors', `${vendor}.json`);
  const check = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
  if (check(payload)) return [];
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
