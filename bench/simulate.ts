/**
 * How fast the simulators are: samples a second of each type beside a bare JSON.stringify of the same payloads in the same run,
 * and with --mqtt what a fleet over TLS costs the process that simulates it, broker restart and ledger included.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machineCatalogue } from '../simulator/catalogue.ts';
import { createFleet } from '../simulator/run.ts';
import { describeMachine } from './machine.ts';
import { readChoice, readNumber } from './options.ts';
import { type FleetResult, measureFleet } from './simulate/fleet.ts';

const help = `npm run bench -- simulate [--seconds n] [--mqtt] [--machines n] [--fleet-seconds n] [--type name] [--write] [--json]
  --seconds n        measuring time a type (default 2)
  --type name        only this type
  --mqtt             also a fleet over TLS: --machines n (default 1000) at 1 Hz for --fleet-seconds n (default 60) with one broker restart
  --write            keep the result in bench/results/simulate.json
  --json             the result on stdout as JSON`;

interface TypeResult {
  readonly type: string;
  readonly samplesPerSecond: number;
  /** The same payloads through JSON.stringify alone. */
  readonly stringifyPerSecond: number;
  /** Simulating over stringifying: below 1 the simulator is the faster. */
  readonly timesStringify: number;
}

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '2' },
      type: { type: 'string' },
      mqtt: { type: 'boolean', default: false },
      machines: { type: 'string', default: '1000' },
      'fleet-seconds': { type: 'string', default: '60' },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const seconds = readNumber(values, 'seconds', 0.1);
  const wanted = { machineCount: readNumber(values, 'machines'), durationS: readNumber(values, 'fleet-seconds') };
  const results = readChoice(values, 'type', Object.keys(machineCatalogue)).map((type) => {
    process.stderr.write(`simulate: measuring ${type}\n`);
    return measureType(type, seconds);
  });
  const fleet = values.mqtt ? await measureFleet(wanted) : null;
  const result = { bench: 'simulate', ...describeMachine(), types: results, fleet };
  if (values.write) writeFileSync('bench/results/simulate.json', `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : report(results, fleet));
  return 0;
}

/** Samples are made and stringified in turns, so that both meet the same machine and the same heat. */
const turn = 2000;

function measureType(type: string, seconds: number): TypeResult {
  const fleet = createFleet({ machines: [{ type, count: 1 }] });
  if (!fleet.ok) throw new Error(fleet.error);
  const machine = fleet.value[0]!;
  let [samples, simulateMs, stringifyMs, bytes] = [0, 0, 0, 0];
  const payloads: unknown[] = new Array(turn);
  const round = (): void => {
    const startMs = performance.now();
    for (let i = 0; i < turn; i++) payloads[i] = machine.next().payload;
    const madeMs = performance.now();
    for (let i = 0; i < turn; i++) bytes += JSON.stringify(payloads[i]).length;
    stringifyMs += performance.now() - madeMs;
    simulateMs += madeMs - startMs;
    samples += turn;
  };
  const warmUntilMs = performance.now() + 500;
  while (performance.now() < warmUntilMs) round();
  [samples, simulateMs, stringifyMs] = [0, 0, 0];
  while (simulateMs + stringifyMs < seconds * 1000) round();
  if (bytes === 0) throw new Error('nothing was stringified');
  return {
    type,
    samplesPerSecond: Math.round((samples * 1000) / simulateMs),
    stringifyPerSecond: Math.round((samples * 1000) / stringifyMs),
    timesStringify: Number((simulateMs / stringifyMs).toFixed(2)),
  };
}

function report(results: readonly TypeResult[], fleet: FleetResult | null): string {
  const rows = results.map(({ type, samplesPerSecond, stringifyPerSecond, timesStringify }) =>
    [
      type.padEnd(18),
      String(samplesPerSecond).padStart(10),
      String(stringifyPerSecond).padStart(12),
      String(timesStringify).padStart(8),
    ].join(' '),
  );
  const header = `${'type'.padEnd(18)} ${'samples/s'.padStart(10)} ${'stringify/s'.padStart(12)} ${'times'.padStart(8)}`;
  const fleetRow =
    fleet === null
      ? ''
      : `\n${fleet.machines} machines at 1 Hz over TLS for ${fleet.durationS} s, broker restarted: ` +
        `${(fleet.cpuShare * 100).toFixed(1)} % of a core (${(fleet.steadyCpuShare * 100).toFixed(1)} % undisturbed), ` +
        `${fleet.residentMb} MB, ${fleet.ledgerText}\n`;
  return `${header}\n${rows.join('\n')}\n${fleetRow}`;
}
