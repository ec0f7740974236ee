/** An error as a state machine sees it: a name that Retry and Catch look for, and a cause. */
export class StatesError extends Error {
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}
