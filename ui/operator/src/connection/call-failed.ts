/** A refusal of the API, or no answer at all (status 0). */
export class CallFailed extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const describeFailure = (error: unknown): string => (error instanceof Error ? error.message : String(error));
