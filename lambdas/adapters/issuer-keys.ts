import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';

/** Whoever sends an unknown key's name makes a request of us: not more often than this. */
const refetchAfterMs = 60_000;
const fetchTimeoutMs = 5000;

/** The keys of an OpenID Connect issuer, by its discovery document; asked for again when a name is new. */
export class IssuerKeys {
  private readonly issuerUrl: string;
  private readonly nowMs: () => number;
  private keys = new Map<string, KeyObject>();
  private fetchedAtMs = Number.NEGATIVE_INFINITY;

  constructor(issuerUrl: string, nowMs: () => number) {
    this.issuerUrl = issuerUrl.replace(/\/$/, '');
    this.nowMs = nowMs;
  }

  readonly isSigned = async (keyId: string, text: string, signature: string): Promise<boolean> => {
    const key = await this.find(keyId);
    return key !== undefined && verify('RSA-SHA256', Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  };

  private async find(keyId: string): Promise<KeyObject | undefined> {
    if (!this.keys.has(keyId) && this.nowMs() - this.fetchedAtMs > refetchAfterMs) {
      this.keys = await this.fetchKeys();
      this.fetchedAtMs = this.nowMs();
    }
    return this.keys.get(keyId);
  }

  private async fetchKeys(): Promise<Map<string, KeyObject>> {
    const { jwks_uri: place } = await getJson<{ jwks_uri: string }>(
      `${this.issuerUrl}/.well-known/openid-configuration`,
    );
    const { keys } = await getJson<{ keys: (JsonWebKey & { kid?: string })[] }>(place);
    const ofRsa = keys.filter((key) => key.kty === 'RSA');
    return new Map(ofRsa.map((key) => [String(key.kid), createPublicKey({ key, format: 'jwk' })]));
  }
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return (await response.json()) as T;
}
