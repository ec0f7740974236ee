/** The function behind a Task state: called as the state machine's role, waited for no longer than the state says. */
import type { Caller, Cloud, Json } from '../engine.ts';
import { StatesError } from './states-error.ts';

export async function invoke(cloud: Cloud, parameters: Json, caller: Caller): Promise<Json> {
  const input = { FunctionName: parameters.FunctionName, Payload: JSON.stringify(parameters.Payload ?? {}) };
  const answer = (await cloud.call('lambda', 'Invoke', input, caller)) as { FunctionError?: string; Payload?: string };
  const payload: unknown = JSON.parse(answer.Payload ?? 'null');
  if (answer.FunctionError === undefined) return { StatusCode: 200, Payload: payload };
  const { errorType = 'Error', errorMessage = '' } = payload as { errorType?: string; errorMessage?: string };
  throw new StatesError(errorType, errorMessage);
}

/** The function runs on, as on AWS; nobody waits for it any more. */
export async function within<T>(timeoutS: number | null, work: Promise<T>): Promise<T> {
  if (timeoutS === null) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new StatesError('States.Timeout', `the task took longer than ${timeoutS} s`);
    timer = setTimeout(() => reject(error), timeoutS * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
