import type { Problem } from '../../../core/api/schemas.ts';

/** What the place that serves the page tells it: where the API is and who gives tokens. */
export interface PageConfig {
  readonly api: string;
  readonly signIn: string;
  readonly clientId: string | null;
  readonly refreshEveryMs: number;
  /** Said under the sign-in form. */
  readonly hint?: string;
}

/** A refusal of the API, or no answer at all (status 0). */
export class CallFailed extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const tokenKey = 'factory-twin-token';

export async function loadConfig(): Promise<PageConfig> {
  const response = await fetch('/config.json');
  if (!response.ok) throw new CallFailed(response.status, `config.json: the server answered ${response.status}`);
  return (await response.json()) as PageConfig;
}

export class Client {
  readonly config: PageConfig;
  /** The newest answer of each address, with its tag: an unchanged one costs no body. */
  private readonly kept = new Map<string, { readonly etag: string; readonly body: unknown }>();

  constructor(config: PageConfig) {
    this.config = config;
  }

  get isSignedIn(): boolean {
    return sessionStorage.getItem(tokenKey) !== null;
  }

  /** By Cognito's InitiateAuth, which a browser may call without a signature. */
  async signIn(user: string, password: string): Promise<void> {
    const response = await request(this.config.signIn, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
      },
      body: JSON.stringify({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: this.config.clientId,
        AuthParameters: { USERNAME: user, PASSWORD: password },
      }),
    });
    const body = (await response.json()) as { AuthenticationResult?: { AccessToken: string }; message?: string };
    const token = body.AuthenticationResult?.AccessToken;
    if (token === undefined)
      throw new CallFailed(response.status, body.message ?? 'More is asked of you than a password');
    sessionStorage.setItem(tokenKey, token);
  }

  signOut(): void {
    sessionStorage.removeItem(tokenKey);
    this.kept.clear();
  }

  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    const known = this.kept.get(path);
    const response = await this.fetch(path, {
      ...(known === undefined ? {} : { headers: { 'if-none-match': known.etag } }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.status === 304 && known !== undefined) return known.body as T;
    const body = (await response.json()) as T;
    const etag = response.headers.get('etag');
    if (etag !== null) this.keep(path, etag, body);
    return body;
  }

  async post<T>(path: string, body: object): Promise<T> {
    const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return (await (await this.fetch(path, init)).json()) as T;
  }

  async download(path: string): Promise<Blob> {
    return (await this.fetch(path)).blob();
  }

  private async fetch(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const authorization = `Bearer ${sessionStorage.getItem(tokenKey) ?? ''}`;
    const response = await request(`${this.config.api}${path}`, {
      ...init,
      headers: { ...init.headers, authorization },
    });
    if (response.ok || response.status === 304) return response;
    const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
    throw new CallFailed(response.status, problem.detail ?? `the server answered ${response.status}`);
  }

  /** Some pages' worth: addresses with times in them are asked once. */
  private keep(path: string, etag: string, body: unknown): void {
    this.kept.delete(path);
    this.kept.set(path, { etag, body });
    if (this.kept.size > 20) this.kept.delete(this.kept.keys().next().value ?? '');
  }
}

async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new CallFailed(0, 'the server does not answer');
  }
}
