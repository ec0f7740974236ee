/** A field named `message` would be dropped for the line's own. */
type Fields = Readonly<Record<string, unknown>> & { readonly message?: never };

/** What a function says of itself: lines for a person, numbers for an alarm. */
export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export interface Metrics {
  count(name: string, amount: number): void;
  durationMs(name: string, durationMs: number): void;
  /** At the end of each invocation. */
  flush(): void;
}
