/** What a check last looked at. */
export interface SeenValue {
  readonly observed: number;
  readonly expected: number;
  readonly atMs: number;
  /** The name of the part it was seen on, where there are several. */
  readonly part?: string;
}
