export interface InfluxDbCallerDeps {
  /** Null where the server asks for none. */
  readonly token: () => Promise<string | null>;
  readonly waitMs: (pauseMs: number) => Promise<unknown>;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** As many as the SDK's clients make here, so that both stores have the same patience. */
export const attempts = 5;
/** Doubled from try to try, a random part of it waited ("full jitter", AWS Builders' Library), never above the last. */
const firstPauseMs = 100;
const longestPauseMs = 2000;
/** A write of two thousand lines takes a tenth of it; a function has 60 s for all. */
const timeoutMs = 10_000;

/** Posts to an InfluxDB with its token, and again while that is busy: 429, 5xx or no connection. */
export class InfluxDbCaller {
  private readonly deps: InfluxDbCallerDeps;

  constructor(deps: InfluxDbCallerDeps) {
    this.deps = deps;
  }

  /** 'busy' is the answer when patience is at its end, and at once when the server says nothing in time. */
  async post(url: string, body: string, contentType: string): Promise<Response | 'busy'> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.postOnce(url, body, contentType);
      if (answer instanceof Response && !isBusy(answer)) return answer;
      if (answer === 'late' || attempt === attempts) return 'busy';
      await this.deps.waitMs(this.pauseMs(attempt, answer));
    }
  }

  private async postOnce(url: string, body: string, contentType: string): Promise<Response | 'late' | 'away'> {
    const token = await this.deps.token();
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
    const headers = { 'content-type': contentType, ...authorization };
    try {
      return await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      if (error instanceof TypeError) return 'away';
      if ((error as Error).name === 'TimeoutError') return 'late';
      throw error;
    }
  }

  /** What the server asks for, within reason; else the back-off. */
  private pauseMs(attempt: number, answer: Response | 'away'): number {
    const askedS = answer === 'away' ? Number.NaN : Number.parseFloat(answer.headers.get('retry-after') ?? '');
    if (askedS >= 0) return Math.min(askedS * 1000, longestPauseMs);
    return this.deps.random() * Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs);
  }
}

const isBusy = ({ status }: Response): boolean => status === 429 || status >= 500;
