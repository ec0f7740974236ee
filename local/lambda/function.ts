/** One function: its containers (a worker thread each), its concurrency, its timeout and memory ceiling. */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { realNowMs } from '../clock.ts';
import { ServiceError } from '../engine.ts';
import { youngHeapMb } from '../heap.ts';
import { isPackedRecords } from '../kinesis/packed-records.ts';
import type { Answer, FunctionError, Invocation, RuntimeData } from './messages.ts';
import { findRuntimeScript } from './runtime-script.ts';

export interface FunctionSettings {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly runtime: RuntimeData;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxConcurrency: number;
  readonly idleKeptMs?: number;
}

export interface FunctionObserver {
  onLog(line: string): void;
  onColdStart(initMs: number): void;
  onEnd(outcome: 'success' | 'error' | 'throttle', durationMs: number): void;
}

export type Outcome =
  | { readonly ok: true; readonly payload: string }
  | { readonly ok: false; readonly error: FunctionError };

interface Container {
  readonly worker: Worker;
  readonly ready: Promise<void>;
  /** Ends the invocation under way, whatever becomes of the worker. */
  settle: ((outcome: Outcome) => void) | null;
  /** The shard it worked for last; null for calls that come from none. */
  lastSource: string | null;
  idleSinceMs: number;
}

/** AWS gives a function's start ten seconds. */
const initTimeoutMs = 10_000;

/** AWS keeps an idle container for some minutes; each takes a laptop 50 MB, and starts anew within a tenth of a second. */
const defaultIdleKeptMs = 30_000;

export class LambdaFunction {
  readonly settings: FunctionSettings;
  readonly #observer: FunctionObserver;
  readonly #idle: Container[] = [];
  readonly #all = new Set<Container>();
  /** Calls that found every container busy and one starting. */
  readonly #waiting: (() => void)[] = [];
  readonly #starting = new Set<Container>();
  #sweep: NodeJS.Timeout | null = null;

  constructor(settings: FunctionSettings, observer: FunctionObserver) {
    this.settings = settings;
    this.#observer = observer;
  }

  get containerCount(): number {
    return this.#all.size;
  }

  async invoke(event: unknown, source: string | null = null): Promise<Outcome> {
    const container = await this.#takeContainer(source);
    container.lastSource = source;
    const startedMs = performance.now();
    const outcome = await this.#run(container, event);
    if (this.#all.has(container)) this.#rest(container);
    this.#observer.onEnd(outcome.ok ? 'success' : 'error', performance.now() - startedMs);
    return outcome;
  }

  /** Kills every container, as a failing host does; the invocations under way fail. */
  async kill(): Promise<void> {
    if (this.#sweep !== null) clearInterval(this.#sweep);
    this.#sweep = null;
    await Promise.all(
      [...this.#all].map((container) => this.#drop(container, failed('Runtime.ExitError', 'container killed'))),
    );
  }

  /**
   * A start costs a laptop what a hundred calls do, so a burst of calls waits for the container that is starting already.
   * Shards do not: each works for minutes in a container of its own.
   */
  async #takeContainer(source: string | null): Promise<Container> {
    for (;;) {
      const idle = this.#takeIdle(source);
      if (idle !== undefined) return idle;
      if (source !== null || this.#starting.size === 0) return this.#createContainer();
      await new Promise<void>((goOn) => this.#waiting.push(goOn));
    }
  }

  #endStart(container: Container): void {
    if (this.#starting.delete(container)) this.#wakeWaiting();
  }

  #wakeWaiting(): void {
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  /**
   * Lambda promises no container. Shards that take turns on one processor would swap containers at every batch, which
   * is the worst case of what AWS does; so the container that knows the shard is preferred where it is idle.
   */
  #takeIdle(source: string | null): Container | undefined {
    const at = this.#idle.findLastIndex((container) => container.lastSource === source);
    return at < 0 ? this.#idle.pop() : this.#idle.splice(at, 1)[0];
  }

  #rest(container: Container): void {
    container.idleSinceMs = performance.now();
    this.#idle.push(container);
    this.#wakeWaiting();
    const { idleKeptMs = defaultIdleKeptMs } = this.settings;
    this.#sweep ??= setInterval(() => this.#dropIdle(performance.now() - idleKeptMs), idleKeptMs).unref();
  }

  /** What works for a shard stays: it holds the shard's twins, and a new one would have to replay the stream. */
  #dropIdle(beforeMs: number): void {
    for (const container of [...this.#idle]) {
      if (container.lastSource !== null || container.idleSinceMs > beforeMs) continue;
      void this.#drop(container, failed('Sandbox.Idle', 'container idle'));
    }
  }

  async #run(container: Container, event: unknown): Promise<Outcome> {
    const { timeoutMs, name, arn } = this.settings;
    const outcome = new Promise<Outcome>((settle) => {
      container.settle = settle;
    });
    await Promise.race([container.ready, outcome]);
    const requestId = randomUUID();
    const timer = setTimeout(() => {
      void this.#drop(container, failed('Sandbox.Timedout', `${name} timed out after ${timeoutMs / 1000} seconds`));
    }, timeoutMs);
    const invocation: Invocation = { requestId, event, deadlineMs: realNowMs() + timeoutMs, functionArn: arn };
    container.worker.postMessage(invocation, isPackedRecords(event) ? [event.bytes.buffer] : []);
    const result = await outcome;
    clearTimeout(timer);
    container.settle = null;
    return result;
  }

  #createContainer(): Container {
    const { name, environment, runtime, maxConcurrency } = this.settings;
    if (this.#all.size >= maxConcurrency) {
      this.#observer.onEnd('throttle', 0);
      const message = `Rate Exceeded: ${name} runs ${this.#all.size} times already`;
      throw new ServiceError('TooManyRequestsException', message, 429);
    }
    const startedMs = performance.now();
    const worker = new Worker(findRuntimeScript(), {
      env: { ...environment },
      workerData: runtime,
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: {
        maxOldGenerationSizeMb: runtime.memoryMb,
        maxYoungGenerationSizeMb: youngHeapMb,
      },
    });
    for (const stream of [worker.stdout, worker.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.#observer.onLog(line));
    }
    let onReady = (): void => undefined;
    const container: Container = {
      worker,
      ready: new Promise((done) => (onReady = done)),
      settle: null,
      lastSource: null,
      idleSinceMs: 0,
    };
    const initTimer = setTimeout(() => {
      void this.#drop(
        container,
        failed('Sandbox.Timedout', `${this.settings.name} did not start in ${initTimeoutMs / 1000} seconds`),
      );
    }, initTimeoutMs);
    worker.on('message', (answer: Answer) => {
      if (answer.kind === 'ready') {
        clearTimeout(initTimer);
        this.#observer.onColdStart(performance.now() - startedMs);
        onReady();
        this.#endStart(container);
      } else if (answer.kind === 'result') container.settle?.({ ok: true, payload: answer.payload });
      else this.#reportError(container, answer.error);
    });
    worker.on('error', (error: Error & { code?: string }) => {
      const type = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'Runtime.OutOfMemory' : 'Runtime.ExitError';
      this.#observer.onLog(error.stack ?? error.message);
      void this.#drop(container, failed(type, error.message));
    });
    worker.on('exit', () => {
      clearTimeout(initTimer);
      void this.#drop(container, failed('Runtime.ExitError', `${this.settings.name} exited`));
    });
    this.#all.add(container);
    this.#starting.add(container);
    return container;
  }

  #reportError(container: Container, error: FunctionError): void {
    this.#observer.onLog(JSON.stringify({ level: 'ERROR', ...error }));
    container.settle?.({ ok: false, error });
  }

  async #drop(container: Container, outcome: Outcome): Promise<void> {
    if (!this.#all.delete(container)) return;
    const at = this.#idle.indexOf(container);
    if (at >= 0) this.#idle.splice(at, 1);
    container.settle?.(outcome);
    this.#endStart(container);
    await container.worker.terminate();
  }
}

const failed = (errorType: string, errorMessage: string): Outcome => ({
  ok: false,
  error: { errorType, errorMessage },
});
