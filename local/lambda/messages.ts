/** What the cloud and a function's worker say to each other. */
export interface Invocation {
  readonly requestId: string;
  readonly event: unknown;
  readonly deadlineMs: number;
  readonly functionArn: string;
}

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly requestId: string; readonly payload: string }
  | { readonly kind: 'error'; readonly requestId: string; readonly error: FunctionError };

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export interface RuntimeData {
  /** The handler's file and the name of its export. */
  readonly file: string;
  readonly exportName: string;
  readonly memoryMb: number;
}
