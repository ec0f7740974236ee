import type { GrafanaAnswer, GrafanaApi } from '../ports/grafana.ts';

/** A plugin is downloaded while the call waits. */
const timeoutMs = 60_000;
const pauseMs = 2000;

export interface GrafanaHttpApiDeps {
  readonly url: string;
  readonly token: string;
  readonly waitMs: (pauseMs: number) => Promise<unknown>;
}

/** Grafana's HTTP API with a token; what is busy or away for a moment (429, 5xx, no connection) is asked once more. */
export class GrafanaHttpApi implements GrafanaApi {
  private readonly deps: GrafanaHttpApiDeps;

  constructor(deps: GrafanaHttpApiDeps) {
    this.deps = deps;
  }

  async call(...request: Parameters<GrafanaApi['call']>): Promise<GrafanaAnswer> {
    const answer = await this.send(...request).catch(() => null);
    if (answer !== null && answer.status !== 429 && answer.status < 500) return answer;
    await this.deps.waitMs(pauseMs);
    return this.send(...request);
  }

  private async send(...[method, path, body]: Parameters<GrafanaApi['call']>): Promise<GrafanaAnswer> {
    const { url, token } = this.deps;
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'content-type': 'application/json',
    };
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.status, body: parse(await answer.text()) };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text }; // a proxy's prose
  }
}
