/**
 * What goes wrong in a plant and in a cloud, one case after the other, each with its verdict: no sample unaccounted for, no
 * alarm twice, and the twins' state equal to that of an undisturbed run.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureAssembly } from '../local/command/synth.ts';
import { type ChaosCase, machineIds, type Outcome, runCase, samplesPerMachine } from './chaos/case.ts';
import { runWithOwnMounts } from './chaos/small-disk.ts';
import { describeMachine } from './machine.ts';

const help = `npm run chaos -- [--case name] [--write] [--json]
  --case name    repeatable; only these
  --assembly dir the stage's synthesis (default cdk.out)
  --write        keep the verdicts in bench/results/chaos.json
  --json         the verdicts on stdout as JSON
Exit code 0 when every case holds.`;

const undisturbed: ChaosCase = {
  name: 'undisturbed',
  about: 'nothing: what the others are compared with',
  compares: 'state',
};

const cases: readonly ChaosCase[] = [
  {
    name: 'killed-functions',
    about: 'every worker is killed in mid-batch, three times: within the retries a batch has',
    compares: 'state',
    harm: async (cloud) => {
      for (let i = 0; i < 3; i++) {
        await sleep(1300);
        await cloud.tell('kill-functions');
      }
    },
  },
  {
    name: 'broker-restart',
    about: 'the broker goes away and comes back, twice',
    compares: 'state',
    harm: async (cloud) => {
      for (let i = 0; i < 2; i++) {
        await sleep(1500);
        await cloud.tell('restart-broker');
      }
    },
  },
  {
    name: 'killed-cloud',
    about: 'the whole process is killed (SIGKILL) and started again',
    compares: 'state',
    harm: async (cloud) => {
      await sleep(2500);
      await cloud.kill();
      await cloud.start();
    },
  },
  {
    name: 'poison',
    about: 'one message in twenty is followed by one that is no sample',
    compares: 'state',
    distort: (payload, n) => (n % 20 === 7 ? [payload, payload.slice(0, 40 + (n % 30))] : [payload]),
  },
  {
    name: 'duplicates',
    about: 'every message comes twice',
    compares: 'state',
    distort: (payload) => [payload, payload],
  },
  {
    name: 'late-and-out-of-order',
    about: 'one message in ten comes 30 places late, neighbours change places',
    compares: 'reading',
    order: (n) => (n % 10 === 3 ? n + 30.5 : n % 2 === 0 ? n + 1.5 : n),
  },
  {
    name: 'throttled-store',
    about: 'the store refuses everything for 30 s as throttled',
    compares: 'state',
    harm: (cloud) => harmFor(cloud, 'throttle-store', 30_000),
  },
  {
    name: 'store-down',
    about: 'the store is down for 30 s',
    compares: 'state',
    harm: (cloud) => harmFor(cloud, 'break-store', 30_000),
  },
  {
    name: 'disk-full',
    about: 'there is no byte left on the disk for 5 s',
    compares: 'state',
    smallDisk: true,
    harm: (cloud) => {
      if (!cloud.hasSmallDisk)
        process.stderr.write('chaos: no small disk can be mounted here: writes are refused instead\n');
      return harmFor(cloud, cloud.hasSmallDisk ? 'fill-disk' : 'refuse-writes', 5000);
    },
  },
];

async function harmFor(
  cloud: Parameters<NonNullable<ChaosCase['harm']>>[0],
  command: 'throttle-store' | 'break-store' | 'fill-disk' | 'refuse-writes',
  ms: number,
): Promise<void> {
  await sleep(1000);
  await cloud.tell(command);
  await sleep(ms);
  await cloud.tell('heal');
}

interface Verdict {
  readonly case: string;
  readonly about: string;
  readonly holds: boolean;
  readonly difference: number;
  readonly inFlight: number;
  /** In the store; with those set aside for a redrive every good sample, once. */
  readonly rows: number;
  readonly setAside: number;
  /** The whole state of each machine, or the newest reading where the order of arrival may change the rest. */
  readonly compares: ChaosCase['compares'];
  readonly stateExact: boolean;
  /** Alarms that the undisturbed run does not have, or has not, and those told under two ids. */
  readonly alarmDifference: number;
  readonly ledger: Outcome['totals'];
  readonly seconds: number;
}

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      case: { type: 'string', multiple: true, default: [] as string[] },
      assembly: { type: 'string', default: 'cdk.out' },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = values.case.find((name) => !cases.some((chaos) => chaos.name === name));
  if (values.help || unknown !== undefined) {
    const list = cases.map((chaos) => `  ${chaos.name.padEnd(22)} ${chaos.about}`).join('\n');
    if (unknown === undefined) process.stdout.write(`${help}\nCases\n${list}\n`);
    else process.stderr.write(`chaos: there is no case "${unknown}"; there are\n${list}\n`);
    return unknown === undefined ? 0 : 2;
  }
  const elsewhere = runWithOwnMounts(['bench/main.ts', 'chaos', ...args]);
  if (elsewhere !== undefined) return elsewhere;
  await ensureAssembly(values.assembly, 'local', (line) => process.stderr.write(`chaos: ${line}\n`));
  // All cases see the same samples at the same time; ahead of the real time, for the clock goes on only.
  const clockStartMs = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  process.stderr.write('chaos: undisturbed\n');
  const expected = await runCase(undisturbed, values.assembly, clockStartMs);
  const verdicts: Verdict[] = [];
  for (const chaos of cases.filter(({ name }) => values.case.length === 0 || values.case.includes(name))) {
    const verdict = judge(chaos, await runCase(chaos, values.assembly, clockStartMs), expected);
    verdicts.push(verdict);
    process.stderr.write(`chaos: ${describe(verdict)}\n`);
  }
  const result = { bench: 'chaos', ...describeMachine(), samples: machineIds.length * samplesPerMachine, verdicts };
  if (values.write) writeFileSync('bench/results/chaos.json', `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${verdicts.map(describe).join('\n')}\n`);
  return verdicts.every(({ holds }) => holds) ? 0 : 1;
}

function judge(chaos: ChaosCase, outcome: Outcome, expected: Outcome): Verdict {
  const { difference, inFlight, deadLettered: setAside } = outcome.totals;
  const { rows } = outcome;
  const pick = chaos.compares === 'state' ? (state: unknown) => state : readingOf;
  const stateExact = isSame(outcome.states, expected.states, pick);
  const alarmDifference = chaos.compares === 'state' ? countAlarmDifferences(outcome.opened, expected.opened) : 0;
  const isWhole = difference === 0 && inFlight === 0 && rows + setAside === machineIds.length * samplesPerMachine;
  return {
    case: chaos.name,
    about: chaos.about,
    holds: isWhole && stateExact && alarmDifference === 0,
    ...{ difference, inFlight, rows, setAside, compares: chaos.compares, stateExact, alarmDifference },
    ledger: outcome.totals,
    seconds: Math.round(outcome.seconds * 10) / 10,
  };
}

function isSame(states: Outcome['states'], expected: Outcome['states'], pick: (state: unknown) => unknown): boolean {
  const text = (all: Outcome['states']): string =>
    JSON.stringify(
      Object.entries(all)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([machineId, state]) => [machineId, pick(state)]),
    );
  return text(states) === text(expected);
}

/** What does not depend on the samples before: the newest sample's moment and values. */
function readingOf(state: unknown): unknown {
  const { sampledAtMs, sequence, phase, values } = state as Record<string, unknown>;
  const read = Object.entries(values as Record<string, { value: unknown; unit: unknown }>);
  return { sampledAtMs, sequence, phase, values: read.map(([name, { value, unit }]) => [name, value, unit]) };
}

function countAlarmDifferences(opened: Outcome['opened'], expected: Outcome['opened']): number {
  const missing = Object.keys(expected).filter((episode) => opened[episode] === undefined);
  const surplus = Object.entries(opened).filter(([episode, times]) => expected[episode] === undefined || times > 1);
  return missing.length + surplus.length;
}

const describe = (verdict: Verdict): string =>
  `${verdict.holds ? 'holds' : 'FAILS'}  ${verdict.case.padEnd(22)} difference ${verdict.difference}, in flight ${verdict.inFlight}, rows ${verdict.rows}, set aside ${verdict.setAside}, ${verdict.compares} ${verdict.stateExact ? 'exact' : 'DIFFERS'}, alarms that differ ${verdict.alarmDifference}`;
