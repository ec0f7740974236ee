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
  /** After a last call, if one is named; who still waits then is told, and who calls later. */
  stop(last?: keyof F & string): Promise<void>;
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
  worker.on('message', (answer: Answer) => {
    const caller = callers.get(answer.id)!;
    callers.delete(answer.id);
    if ('value' in answer) caller.resolve(answer.value as never);
    else caller.reject('refusal' in answer ? toServiceError(answer.refusal) : answer.error);
  });
  worker.on('error', (error) => {
    throw error;
  });
  const send = (name: string, args: readonly unknown[], moved: readonly TransferListItem[]): Promise<never> =>
    new Promise((resolve, reject) => {
      const id = ++calls;
      callers.set(id, { resolve, reject });
      worker.postMessage({ id, name, args } satisfies Call, moved);
    });
  const end = async (last: string | undefined): Promise<void> => {
    if (last !== undefined) await send(last, [], []);
    await worker.terminate();
    for (const { reject } of callers.values()) reject(new Error(stoppedMessage));
  };
  let ended: Promise<void> | undefined;
  return {
    call: (name, args, moved = []) =>
      ended === undefined ? send(name, args, moved) : Promise.reject(new Error(stoppedMessage)),
    stop: (last) => (ended ??= end(last)),
  };
}

const stoppedMessage = 'the thread has been stopped';

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
