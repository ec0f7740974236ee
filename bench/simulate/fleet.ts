/** A fleet at 1 Hz over TLS against a broker in another process, which dies and comes back in the middle. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCa, issueCertificate } from '../../local/iot/certificate-authority.ts';
import { Pipeline } from '../../simulator/command/pipeline.ts';
import { createFleet, deliver, type SimulationOptions } from '../../simulator/run.ts';
import { createJsonEncoder } from '../../simulator/sinks/encoder.ts';
import { describeLedger, type Ledger } from '../../simulator/sinks/ledger.ts';
import { MqttSink } from '../../simulator/sinks/mqtt/mqtt-sink.ts';
import type { BrokerOrder, BrokerReport, StartBroker } from './broker.ts';

export interface FleetResult {
  readonly machines: number;
  readonly durationS: number;
  readonly outageS: number;
  /** Of one core, over the whole run with connecting and reconnecting. */
  readonly cpuShare: number;
  /** Of one core, between connecting and the outage. */
  readonly steadyCpuShare: number;
  readonly residentMb: number;
  readonly ledger: Ledger;
  readonly ledgerText: string;
  /** Messages the broker saw: acknowledged ones, and those whose acknowledgement died with it. */
  readonly brokerReceived: number;
}

const outageS = 3;
const drainMs = 30_000;
/** Connecting a thousand machines takes about this long; the undisturbed share is measured after it. */
const settlingS = 10;

export async function measureFleet({
  machineCount,
  durationS,
}: {
  machineCount: number;
  durationS: number;
}): Promise<FleetResult> {
  const ca = createCa('bench CA');
  const server = issueCertificate(ca, { commonName: 'localhost', usage: 'server', ips: ['127.0.0.1'] });
  const device = issueCertificate(ca, { commonName: 'bench', usage: 'client' });
  const broker = fork(new URL('./broker.ts', import.meta.url));
  const startOrder = {
    kind: 'start',
    ca: ca.certificatePem,
    cert: server.certificatePem,
    key: server.privateKeyPem,
  } as const;
  const { port } = await order(broker, { ...startOrder, port: 0 });
  const outboxFolder = mkdtempSync(join(tmpdir(), 'bench-outbox-'));

  // Half of them pumps and half generic: what a fleet sends, not an empty loop.
  const simulation: SimulationOptions = {
    machines: [
      { type: 'centrifugal-pump', count: Math.ceil(machineCount / 2) },
      { type: 'generic', count: Math.floor(machineCount / 2) },
    ],
    rateHz: 1,
    durationS,
  };
  const fleet = createFleet(simulation);
  if (!fleet.ok) throw new Error(fleet.error);
  const tls = { ca: ca.certificatePem, cert: device.certificatePem, key: device.privateKeyPem };
  const startedCpu = process.cpuUsage();
  const startedAtMs = performance.now();
  const sink = new MqttSink({
    endpoint: `mqtts://127.0.0.1:${port}`,
    tlsFor: () => tls,
    machineIds: fleet.value.map((machine) => machine.machineId),
    sharedConnections: 0,
    outboxFolder,
    outboxLimitMb: 256,
    seed: 1,
  });
  const pipeline = new Pipeline({
    machineCount,
    encoder: createJsonEncoder(1),
    sink,
    labels: null,
    record: null,
    speed: 1,
    signal: new AbortController().signal,
    mayWait: createDeadline(drainMs),
  });
  process.stderr.write(`simulate: ${machineCount} machines for ${durationS} s, broker restart at ${durationS / 2} s\n`);
  const restart = disturb(broker, { ...startOrder, port }, durationS / 2);
  const ledger = await pipeline.run(deliver(fleet.value, simulation));
  const cpuShare = shareOf(startedCpu, startedAtMs);
  const residentMb = Math.round(process.memoryUsage().rss / 1e6);
  const steadyCpuShare = await restart;
  const { received } = await order(broker, { kind: 'stop' });
  broker.kill();
  rmSync(outboxFolder, { recursive: true, force: true });
  const ledgerText = describeLedger(ledger);
  return {
    machines: machineCount,
    durationS,
    outageS,
    cpuShare,
    steadyCpuShare,
    residentMb,
    ledger,
    ledgerText,
    brokerReceived: received,
  };
}

/** Restarts the broker in the middle, and tells the share of a core that was used before it. */
async function disturb(broker: ChildProcess, startOrder: StartBroker, afterS: number): Promise<number> {
  const undisturbedFromS = Math.min(settlingS, afterS / 2);
  await sleep(undisturbedFromS * 1000);
  const cpu = process.cpuUsage();
  const atMs = performance.now();
  await sleep((afterS - undisturbedFromS) * 1000);
  const steady = shareOf(cpu, atMs);
  await order(broker, { kind: 'stop' });
  await sleep(outageS * 1000);
  await order(broker, startOrder);
  return steady;
}

async function order(broker: ChildProcess, message: BrokerOrder): Promise<BrokerReport> {
  broker.send(message);
  const [report] = (await once(broker, 'message')) as [BrokerReport];
  return report;
}

function shareOf(sinceCpu: NodeJS.CpuUsage, sinceMs: number): number {
  const { user, system } = process.cpuUsage(sinceCpu);
  return Number(((user + system) / 1000 / (performance.now() - sinceMs)).toFixed(4));
}

/** Counts from the first question. */
function createDeadline(ms: number): () => boolean {
  let endMs: number | undefined;
  return () => {
    endMs ??= performance.now() + ms;
    return performance.now() < endMs;
  };
}
