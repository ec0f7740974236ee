/**
 * Functions in a thread of their own. A call goes there as a message; what the function returns comes back, or what it
 * throws, a ServiceError as one.
 */
import { type MessagePort, type TransferListItem, Worker } from 'node:worker_threads';
import { type Json, ServiceError } from './engine.ts';
import { youngHeapMb } from './heap.ts';

type Functions = { readonly [name: string]: (...args: never[]) => unknown };

export interface Thread<F extends Functions> {
  /** What is in `moved` changes hands instead of being copied. */
  call<N extends keyof F & string>(
    name: N,
    args: Parameters<F[N]>,
    moved?: readonly TransferListItem[],
  ): Promise<Awaited<ReturnType<F[N]>>>;
  /** When all that is under way is done: native code that is ended in mid-work ends the process. */
  stop(calls?: StopCalls<F>): Promise<void>;
}

interface StopCalls<F extends Functions> {
  /** Made at once. */
  readonly first?: keyof F & string;
  /** Made when nothing else is under way. */
  readonly last?: keyof F & string;
}

interface Call {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly refusal: Refusal }
  | { readonly id: number; readonly error: Error };

/** A ServiceError as a message: of an error only name, message and stack cross over. */
interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly statusCode: number;
  readonly details: Json;
}

interface Caller {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Starts the module, which answers by `answerCalls`. A thread that fails by itself takes the process with it. */
export function startThread<F extends Functions>(module: URL): Thread<F> {
  const worker = new Worker(module, { execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: youngHeapMb } });
  const callers = new Map<number, Caller>();
  let calls = 0;
  let whenIdle = (): void => undefined;
  worker.on('message', (answer: Answer) => {
    const caller = callers.get(answer.id)!;
    callers.delete(answer.id);
    if (callers.size === 0) whenIdle();
    if ('value' in answer) caller.resolve(answer.value as never);
    else caller.reject('refusal' in answer ? toServiceError(answer.refusal) : answer.error);
  });
  worker.on('error', (error) => {
    throw error;
  });
  const send = (name: string, args: readonly unknown[], moved: readonly TransferListItem[]): Promise<never> =>
    new Promise((resolve, reject) => {
      const id = ++calls;
      worker.postMessage({ id, name, args } satisfies Call, moved);
      // Only what could be sent is waited for.
      callers.set(id, { resolve, reject });
    });
  const end = async ({ first, last }: StopCalls<F>): Promise<void> => {
    if (first !== undefined) await send(first, [], []);
    if (callers.size > 0) await new Promise<void>((idle) => (whenIdle = idle));
    if (last !== undefined) await send(last, [], []);
    await worker.terminate();
  };
  let ended: Promise<void> | undefined;
  return {
    call: (name, args, moved = []) =>
      ended === undefined ? send(name, args, moved) : Promise.reject(new Error('the thread has been stopped')),
    stop: (calls = {}) => (ended ??= end(calls)),
  };
}

/** The thread's side: each call is begun when it comes, and answered when it is done. */
export function answerCalls(port: MessagePort, functions: Functions): void {
  port.on('message', async ({ id, name, args }: Call) => {
    try {
      const run = functions[name] as (...given: readonly unknown[]) => unknown;
      port.postMessage({ id, value: await run(...args) } satisfies Answer);
    } catch (error) {
      port.postMessage(toAnswer(id, error));
    }
  });
}

function toAnswer(id: number, error: unknown): Answer {
  if (!(error instanceof ServiceError)) return { id, error: error instanceof Error ? error : new Error(String(error)) };
  const { name, message, statusCode, details } = error;
  return { id, refusal: { code: name, message, statusCode, details } };
}

const toServiceError = ({ code, message, statusCode, details }: Refusal): ServiceError =>
  new ServiceError(code, message, statusCode, details);
