/** One load on a laptop of its own: what it took, where every message ended, and how long each hop held it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { enrollFleet } from '../../local/command/enroll-fleet.ts';
import { type Laptop, startLaptop } from '../../local/laptop.ts';
import { createLedger, type Ledger } from '../../local/ledger/ledger.ts';
import { createDurations, type Durations } from '../../local/ledger/percentiles.ts';
import type { Load, Sent } from './load.ts';

/** How long the pipeline may take after the last message to be done with all. */
const drainMs = 120_000;

export async function measureLoad(folder: string, assemblyFolder: string, load: Load) {
  const hops = { machineToBroker: createDurations(), streamToDone: createDurations() };
  const machineToAlert = createDurations();
  const ledger = observeLedger(createLedger(), hops);
  const laptop = await startLaptop({
    assemblyFolder,
    dataFolder: join(folder, 'data'),
    port: 0,
    mqttPort: 0,
    ledger,
    tell: (source, message) => process.stderr.write(`${source}: ${message}\n`),
  });
  try {
    await enrollFleet(laptop, listMachines(load), join(folder, 'credentials'));
    observeAlerts(laptop, machineToAlert);
    let watch = watchProcess();
    let steady = watchProcess();
    const sent = await publish(folder, load, {
      onConnected: () => {
        watch.stop();
        watch = watchProcess();
      },
      onWarm: () => {
        for (const durations of [hops.machineToBroker, hops.streamToDone, machineToAlert]) durations.clear();
        steady.stop();
        steady = watchProcess();
      },
    });
    const { seconds: steadySeconds, cpuMs: steadyCpuMs } = steady.stop();
    await drain(laptop);
    const { seconds, cpuMs, rssMb } = watch.stop();
    const totals = ledger.totals();
    return {
      messages: sent.sent,
      seconds,
      messagesPerS: Math.round(sent.sent / seconds),
      ledger: totals,
      difference: totals.difference + totals.inFlight + Math.abs(sent.sent - totals.published),
      latencyMs: { machineToBroker: hops.machineToBroker.percentiles(), streamToDone: hops.streamToDone.percentiles() },
      publishToAlertMs: machineToAlert.percentiles(),
      // Of the cloud's process with all its threads; the fleet is another.
      cpuMsPerMessage: cpuMs / sent.sent,
      // From the end of the warm-up to the last message.
      cpuPercentOfACore: (steadyCpuMs / steadySeconds / 1000) * 100,
      fleetCpuMsPerMessage: sent.cpuMs / sent.sent,
      rssMb,
    };
  } finally {
    await laptop.stop();
  }
}

const listMachines = ({ type, machines }: Load) =>
  Array.from({ length: machines }, (_, i) => ({
    machineId: `M-${String(i + 1).padStart(4, '0')}`,
    machineType: type,
  }));

interface Hops {
  readonly machineToBroker: Durations;
  readonly streamToDone: Durations;
}

/** Looks at one message in a hundred on its way past. */
function observeLedger(ledger: Ledger, { machineToBroker, streamToDone }: Hops): Ledger {
  let seen = 0;
  return {
    ...ledger,
    get messages() {
      return ledger.messages;
    },
    published: (topic, payload, atMs) => {
      if (seen++ % 100 === 0)
        machineToBroker.add(Date.now() - Date.parse(Buffer.from(payload.subarray(14, 38)).toString()));
      ledger.published(topic, payload, atMs);
    },
    consumed: (records) => {
      const nowMs = Date.now();
      for (let i = 0; i < records.length; i += 100)
        streamToDone.add(nowMs - (records[i] as unknown as { arrivalMs: number }).arrivalMs);
      ledger.consumed(records);
    },
  };
}

/** The samples' timestamps are the moments of publishing. */
function observeAlerts(laptop: Laptop, durations: Durations): void {
  laptop.events.listeners.add((event) => {
    const { atMs, transition } = event.detail as { atMs: number; transition?: { kind: string } };
    if (transition?.kind === 'opened') durations.add(Date.now() - atMs);
  });
}

/** Runs the fleet to its end, and says when its machines are connected and when nothing is cold any more. */
export async function publish(
  folder: string,
  load: Load,
  on: { onConnected?(): void; onWarm?(): void } = {},
): Promise<Sent> {
  const args = ['bench/pipeline/publisher.ts', join(folder, 'credentials'), JSON.stringify(load)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let warmUp: NodeJS.Timeout | undefined;
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdout.once('data', () => {
    on.onConnected?.();
    warmUp = setTimeout(() => on.onWarm?.(), load.warmUpSeconds * 1000);
  });
  const code = await new Promise((done) => child.on('close', done));
  clearTimeout(warmUp);
  if (code !== 0) throw new Error(`the fleet ended with code ${String(code)}`);
  return JSON.parse(output.slice(output.indexOf('\n'))) as Sent;
}

async function drain(laptop: Laptop): Promise<void> {
  const untilMs = performance.now() + drainMs;
  while (laptop.ledger.totals().inFlight > 0 && performance.now() < untilMs) await sleep(20);
}

function watchProcess(): { stop(): { seconds: number; cpuMs: number; rssMb: number } } {
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  let mostBytes = 0;
  const timer = setInterval(() => (mostBytes = Math.max(mostBytes, process.memoryUsage.rss())), 200);
  return {
    stop: () => {
      clearInterval(timer);
      const { user, system } = process.cpuUsage(startCpu);
      const seconds = (performance.now() - startMs) / 1000;
      return { seconds, cpuMs: (user + system) / 1000, rssMb: Math.round(mostBytes / 1024 / 1024) };
    },
  };
}
