import { rmSync } from 'node:fs';
import { deliver } from '../run.ts';
import { describeLedger, isSettled, type Ledger } from '../sinks/ledger.ts';
import { OutputFolderError } from '../sinks/output-folder.ts';
import type { Sink } from '../sinks/sink.ts';
import type { Arguments } from './arguments.ts';
import { type OpenRun, openRun, UserError } from './open.ts';
import { Pipeline } from './pipeline.ts';
import { Progress } from './progress.ts';

/** Ctrl-C has 5 s, which `npm start` shares with the cloud it must close afterwards: this long for what is queued. */
const drainMs = 2000;
/** At the end of a run nobody waits with a finger on the keys: an outage may take a while to pass. */
const finishMs = 30_000;
const exitCodes = { settled: 0, unsettled: 1, wrongCommand: 2, interruptedTwice: 130 } as const;

/** Runs a command line to its end and says how it went, as an exit code. */
export async function execute(args: Arguments): Promise<number> {
  const stop = new AbortController();
  try {
    return await simulateAndReport(args, stop);
  } catch (error) {
    if (!(error instanceof UserError || error instanceof OutputFolderError)) throw error;
    for (const line of error.message.split('\n')) process.stderr.write(`simulate: ${line}\n`);
    return exitCodes.wrongCommand;
  }
}

async function simulateAndReport(args: Arguments, stop: AbortController): Promise<number> {
  let readerGone = false;
  const run = await openRun(args, () => {
    readerGone = true;
    stop.abort();
  });
  const pipeline = new Pipeline({
    ...run,
    machineCount: run.fleet.length,
    speed: args.speed,
    signal: stop.signal,
    mayWait: createPatience(stop.signal),
  });
  const progress = new Progress(process.stderr, () => pipeline.readFacts());
  const unlisten = listenForInterrupt(stop, run.outboxFolder);
  progress.start();
  try {
    const ledger = await pipeline.run(deliver(run.fleet, run.simulation));
    progress.stop();
    report(args, run, ledger);
    const isComplete = [tellLosses('labels', run.labels), tellLosses('record', run.record)].every(Boolean);
    return isComplete && (isSettled(ledger) || readerGone) ? exitCodes.settled : exitCodes.unsettled;
  } finally {
    unlisten();
  }
}

/** Long at an ordinary end, short from a Ctrl-C on, whenever that comes. */
function createPatience(signal: AbortSignal): () => boolean {
  let deadlineMs: number | undefined;
  signal.addEventListener('abort', () => {
    deadlineMs = performance.now() + drainMs;
  });
  return () => {
    deadlineMs ??= performance.now() + finishMs;
    return performance.now() < deadlineMs;
  };
}

/** The first Ctrl-C drains, the second leaves at once. */
function listenForInterrupt(stop: AbortController, outboxFolder: string | null): () => void {
  const leave = (): never => {
    if (outboxFolder !== null) process.stderr.write(`left at once: what was not delivered is in ${outboxFolder}\n`);
    process.exit(exitCodes.interruptedTwice);
  };
  const interrupt = (): void => {
    if (stop.signal.aborted) leave();
    else stop.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return () => {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  };
}

function report(args: Arguments, run: OpenRun, ledger: Ledger): void {
  const stream = args.json && args.output !== 'stdout' ? process.stdout : process.stderr;
  const kept = ledger.queued > 0 ? run.outboxFolder : null;
  if (args.json) stream.write(`${JSON.stringify({ ...ledger, outbox: kept })}\n`);
  else stream.write(`ledger: ${describeLedger(ledger)}\n`);
  if (kept !== null) {
    process.stderr.write(`link: ${run.sink.describeLink()}\n`);
    process.stderr.write(`${ledger.queued} samples wait in ${kept}: run again with --outbox ${kept} to deliver them\n`);
  } else if (run.outboxFolder !== null && args.mqtt.outboxFolder === undefined) {
    rmSync(run.outboxFolder, { recursive: true, force: true });
  }
}

/** What goes beside the telemetry has a ledger too; it is told only where something is missing. */
function tellLosses(name: string, sink: Sink | null): boolean {
  const ledger = sink?.book.close(sink.queuedSamples());
  if (ledger === undefined || isSettled(ledger)) return true;
  process.stderr.write(`${name}: ${describeLedger(ledger)}\n`);
  return false;
}
