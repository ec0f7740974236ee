import type { Problem } from '../../../../core/api/schemas.ts';
import { CallFailed } from './call-failed.ts';
import type { HostedSignIn } from './hosted-sign-in.ts';
import { type Hearing, LiveFeed, type Socket } from './live-feed.ts';
import { PlantClock } from './plant-clock.ts';
import { dropToken, keepToken, type Person, readPerson, readToken } from './session.ts';

/** What the place that serves the page tells it: where the API is and who gives tokens. */
export interface PageConfig {
  readonly api: string;
  /** Where a name and a password are taken; absent where the issuer’s own page does that. */
  readonly signIn?: string;
  readonly clientId?: string | null;
  readonly refreshEveryMs: number;
  /** Said under the sign-in form. */
  readonly hint?: string;
  /** The live feed's WebSocket; without one the page asks again and again. */
  readonly liveUrl?: string | null;
  /** Where the issuer has a sign-in page of its own. */
  readonly hosted?: HostedSignIn;
  /** The claim that names a person's groups. */
  readonly roleClaim?: string;
}

export async function loadConfig(): Promise<PageConfig> {
  const response = await request('/config.json', {});
  if (!response.ok) throw new CallFailed(response.status, `config.json: the server answered ${response.status}`);
  return (await response.json()) as PageConfig;
}

/** How long the newest calls took, for who wonders whether the network is slow. */
const keptDurations = 500;

export class Client {
  readonly config: PageConfig;
  readonly durationsMs: number[] = [];
  readonly clock = new PlantClock();
  /** The newest answer of each address, with its tag: an unchanged one costs no body. */
  private readonly kept = new Map<string, { readonly etag: string; readonly body: unknown }>();

  /** Null where the place has no live feed. */
  readonly live: LiveFeed | null;

  constructor(config: PageConfig) {
    this.config = config;
    const { liveUrl } = config;
    this.live = liveUrl == null ? null : new LiveFeed((hearing) => dial(liveUrl, hearing), this.clock);
  }

  get isSignedIn(): boolean {
    return readToken() !== null;
  }

  get person(): Person {
    return readPerson(readToken(), this.config.roleClaim);
  }

  /** By Cognito's InitiateAuth, which a browser may call without a signature. */
  async signIn(user: string, password: string): Promise<void> {
    const response = await request(this.config.signIn ?? '/sign-in', {
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
    keepToken(token);
  }

  signOut(): void {
    dropToken();
    this.live?.close();
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
    const startedMs = performance.now();
    const response = await request(`${this.config.api}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${readToken() ?? ''}` },
    });
    const asOf = response.headers.get('x-as-of');
    if (asOf !== null) this.clock.hear(asOf);
    this.durationsMs.push(performance.now() - startedMs);
    if (this.durationsMs.length > keptDurations) this.durationsMs.shift();
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

/** A browser's WebSocket has no headers: the token is offered as a subprotocol, so that it stands in no address. */
function dial(url: string, { opened, heard, closed }: Hearing): Socket {
  const socket = new WebSocket(url, ['factory-twin', readToken() ?? '']);
  socket.onopen = opened;
  socket.onmessage = ({ data }) => heard(String(data));
  socket.onclose = closed;
  return socket;
}

async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new CallFailed(0, 'the server does not answer');
  }
}
