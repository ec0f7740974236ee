/** What a function says of itself: lines for a person, numbers for an alarm. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface Metrics {
  count(name: string, amount: number): void;
  durationMs(name: string, durationMs: number): void;
  /** At the end of each invocation. */
  flush(): void;
}
