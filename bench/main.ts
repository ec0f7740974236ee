import { describeWrongWords } from '../simulator/command/wrong-words.ts';
import { WrongOption } from './options.ts';

/** `npm run bench -- <name> [options]`: each bench is a file of its own, loaded only when it is asked for. */
interface Bench {
  readonly about: string;
  /** A bench says by its exit code whether it could measure; `--help` lists its options. */
  readonly load: () => Promise<{ run(args: string[]): Promise<number> }>;
}

const benches: Readonly<Record<string, Bench>> = {
  simulate: {
    about: 'samples a second of each machine type; a thousand machines over MQTT',
    load: () => import('./simulate.ts'),
  },
  handler: {
    about: 'the detection handler: records a second beside decoding and parsing alone',
    load: () => import('./handler.ts'),
  },
  chaos: {
    about: 'what goes wrong in plant and cloud, case by case: ledger, alarms, state',
    load: () => import('./chaos.ts'),
  },
  pipeline: {
    about: 'the whole laptop: messages a second from machine to store, latency of each hop',
    load: () => import('./pipeline.ts'),
  },
  alert: {
    about: 'from the first abnormal sample to the notification leaving',
    load: () => import('./alert.ts'),
  },
  page: {
    about: 'the operator page before a thousand machines: long tasks, first tile, weight',
    load: () => import('./page.ts'),
  },
  api: {
    about: 'reads a second of twin and history over ten million rows; the live feed to 500 clients',
    load: () => import('./api.ts'),
  },
  rul: {
    about: 'remaining life: error, coverage and width of its intervals, beside controls',
    load: () => import('./rul.ts'),
  },
  models: {
    about: 'learned models: rows a second, size, loading, and following a stream',
    load: () => import('./models.ts'),
  },
  detect: {
    about: 'the chain from sample to advice beside JSON.parse, and the forests',
    load: () => import('./detect.ts'),
  },
  quality: {
    about: 'how well faults are found: public recordings and our own simulators, beside controls',
    load: () => import('./quality.ts'),
  },
};

const [name = '', ...args] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  const known = Object.entries(benches).map(([key, { about }]) => `  ${key.padEnd(10)} ${about}`);
  const asked = name === '' || name === '--help' || name === '-h';
  if (!asked) process.stderr.write(`bench: got "${name}", allowed are ${Object.keys(benches).join(', ')}\n`);
  (asked ? process.stdout : process.stderr).write(`npm run bench -- <name> [options]\n${known.join('\n')}\n`);
  process.exitCode = name === '' || !asked ? 2 : 0;
} else {
  const { run } = await bench.load();
  process.exitCode = await run(args).catch(tellWrongOption);
}

/** A mistyped option is the user's to put right; anything else is a fault of the bench and shows its trace. */
function tellWrongOption(error: NodeJS.ErrnoException): number {
  if (!(error instanceof WrongOption) && error.code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
  process.stderr.write(`bench: ${describeWrongWords(error)}; see --help\n`);
  return 2;
}
