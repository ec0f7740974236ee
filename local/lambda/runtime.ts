/**
 * Lambda's runtime in a worker thread: loads the bundled handler once, then answers one invocation after the other.
 * Unlike on AWS nothing is frozen between invocations, so timers go on.
 */
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { inheritClock, realNowMs } from '../clock.ts';
import { isPackedRecords, unpackRecords } from '../kinesis/packed-records.ts';
import type { Answer, FunctionError, Invocation, RuntimeData } from './messages.ts';

type Handler = (event: unknown, context: object) => unknown;

const { file, exportName, memoryMb } = workerData as RuntimeData;
const port = parentPort!;
const say = (answer: Answer): void => port.postMessage(answer);

inheritClock();
const loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
const handler = (loaded[exportName] ??
  (loaded.default as Record<string, unknown> | undefined)?.[exportName]) as Handler;
if (typeof handler !== 'function') throw new Error(`${file} exports no function "${exportName}"`);

port.on('message', async (invocation: Invocation) => {
  const { requestId, event } = invocation;
  try {
    const result = await handler(isPackedRecords(event) ? unpackRecords(event) : event, createContext(invocation));
    say({ kind: 'result', requestId, payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    say({ kind: 'error', requestId, error: describeError(error) });
  }
});
say({ kind: 'ready' });

function createContext({ requestId, deadlineMs, functionArn }: Invocation): object {
  return {
    awsRequestId: requestId,
    invokedFunctionArn: functionArn,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    memoryLimitInMB: String(memoryMb),
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - realNowMs()),
  };
}

function describeError(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: 'Error', errorMessage: String(error) };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}
