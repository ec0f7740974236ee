/** The receiver did not take it; final where no retry would help. */
export class HttpRefusal extends Error {
  readonly isFinal: boolean;
  /** What the receiver asks to wait before the next try. */
  readonly retryAfterMs: number;
  constructor(message: string, isFinal: boolean, retryAfterMs = 0) {
    super(message);
    this.name = 'SDK_CLIENT_ERROR';
    this.isFinal = isFinal;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The destination's rate limit: nothing was tried. */
export class NotYet extends Error {
  readonly waitMs: number;
  constructor(waitMs: number) {
    super(`waits ${waitMs} ms for its turn`);
    this.waitMs = waitMs;
  }
}
