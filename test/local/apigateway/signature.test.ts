import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSignature } from '../../../local/apigateway/signature.ts';
import { type Signing, sign } from './signed.ts';

const nowMs = Date.UTC(2026, 0, 1, 12);
const key = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
const settings = {
  service: 'execute-api',
  region: 'us-east-1',
  nowMs,
  findSecret: (id: string) => (id === key.accessKeyId ? key.secretAccessKey : undefined),
};

async function signed(address: string, signing: Signing = {}, signer = key) {
  const url = new URL(address, 'http://127.0.0.1:4566');
  const { method, headers, body = '' } = await sign(url, signer, { atMs: nowMs, ...signing });
  return { method, path: url.pathname, query: url.searchParams, headers, body: Buffer.from(body) };
}

describe('the check of a signature', () => {
  it('takes what the AWS SDK signed, whatever is in path, query and body', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(text, fc.dictionary(text, text, { maxKeys: 4 }), text, async (segment, query, body) => {
        const path = `/iam/api/machines/${encodeURIComponent(segment || 'x')}`;
        const request = await signed(`${path}?${new URLSearchParams(query)}`, { method: 'POST', body });
        expect(checkSignature(request, settings)).toEqual({ ok: true, value: key.accessKeyId });
      }),
      { numRuns: 60 },
    );
  });

  it('refuses each part that was changed after signing', async () => {
    const request = await signed('/iam/api/fleet?site=Ulm', { method: 'POST', body: '{"a":1}' });
    const refusal = { ok: false, error: 'the signature does not fit' };
    for (const changed of [
      { ...request, path: '/iam/api/machines' },
      { ...request, query: new URLSearchParams({ site: 'Kiel' }) },
      { ...request, method: 'GET' },
      { ...request, body: Buffer.from('{"a":2}') },
      { ...request, headers: { ...request.headers, host: 'elsewhere' } },
    ]) {
      expect(checkSignature(changed, settings)).toEqual(refusal);
    }
  });

  it('refuses an old one, one for another service or region, another’s key, a wrong secret and none at all', async () => {
    const problemOf = async (signing: Signing, signer = key) => {
      const checked = checkSignature(await signed('/iam/api/fleet', signing, signer), settings);
      return checked.ok ? null : checked.error;
    };
    expect(await problemOf({})).toBeNull();
    expect(await problemOf({ atMs: nowMs - 4 * 60_000 })).toBeNull();
    expect(await problemOf({ atMs: nowMs - 6 * 60_000 })).toMatch(/^the signature is of 20260101T115400Z/);
    expect(await problemOf({ service: 'dynamodb' })).toMatch(/^the scope is .*dynamodb/);
    expect(await problemOf({ region: 'eu-west-1' })).toMatch(/^the scope is .*eu-west-1/);
    expect(await problemOf({}, { ...key, accessKeyId: 'AKIAOTHER' })).toMatch(/belongs to nobody/);
    expect(await problemOf({}, { ...key, secretAccessKey: 'guess' })).toBe('the signature does not fit');
    const bare = { ...(await signed('/iam/api/fleet')), headers: {} };
    expect(checkSignature(bare, settings)).toEqual({ ok: false, error: 'the request is not signed' });
  });
});
