/**
 * The API on the laptop: reads of the twin and of a day's history over ten million stored rows, and the live feed to
 * hundreds of clients, each beside a bare server that answers the same bytes. Load and cloud share the machine.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readyPassword } from '../local/cognito/user-pool.ts';
import { ensureAssembly } from '../local/command/synth.ts';
import { measureBareFanOut, measureFanOut } from './api/fan-out.ts';
import { readFor, readOnce } from './api/load.ts';
import { seedStore } from './api/seed.ts';
import { describeMachine } from './machine.ts';
import { readNumber } from './options.ts';

const help = `npm run bench -- api [--machines n] [--clients n] [--seconds n] [--readers n] [--write] [--json]
  --machines n   each with a day at 1 Hz in the store: 86,400 rows (default 116, ten million rows)
  --clients n    of the live feed (default 500)
  --seconds n    of each measurement (default 15)
  --readers n    who ask again as soon as they are answered (default 4)
  --assembly dir the stage's synthesis, made anew when a source is newer (default cdk.out)
  --write        keep the result in bench/results/api.json
  --json         the result on stdout as JSON`;

const options = {
  machines: { type: 'string', default: '116' },
  clients: { type: 'string', default: '500' },
  seconds: { type: 'string', default: '15' },
  readers: { type: 'string', default: '4' },
  assembly: { type: 'string', default: 'cdk.out' },
  write: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const say = (line: string): void => void process.stderr.write(`api: ${line}\n`);

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options });
  if (values.help) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const wanted = {
    machines: readNumber(values, 'machines'),
    clients: readNumber(values, 'clients'),
    seconds: readNumber(values, 'seconds'),
    readers: readNumber(values, 'readers'),
  };
  const root = mkdtempSync(join(tmpdir(), 'bench-api-'));
  const loadAverage = loadavg()[0] ?? 0;
  try {
    await ensureAssembly(values.assembly, 'local', say);
    const assembly = liftThrottle(values.assembly, join(root, 'cdk.out'));
    const measured = await measure(root, { assembly, ...wanted });
    const result = { bench: 'api', ...describeMachine(), loadAverage, ...measured };
    if (values.write) writeFileSync('bench/results/api.json', `${JSON.stringify(result, null, 2)}\n`);
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`);
    return measured.fanOut.isLevel ? 0 : 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A stage bounds its callers, at a hundred a second; here the bound itself is not what is asked. */
function liftThrottle(assembly: string, copy: string): string {
  cpSync(assembly, copy, { recursive: true });
  for (const name of readdirSync(copy).filter((file) => file.endsWith('.template.json'))) {
    const text = readFileSync(join(copy, name), 'utf8');
    writeFileSync(join(copy, name), text.replaceAll(/("Throttling(?:Rate|Burst)Limit": )\d+/g, '$110000'));
  }
  return copy;
}

interface Wanted {
  readonly assembly: string;
  readonly machines: number;
  readonly clients: number;
  readonly seconds: number;
  readonly readers: number;
}

async function measure(root: string, wanted: Wanted) {
  const { assembly, machines, clients, seconds, readers } = wanted;
  const dataFolder = join(root, 'data');
  const ids = Array.from({ length: machines }, (_, i) => `BENCH-${String(i + 1).padStart(4, '0')}`);
  say('one machine through the pipeline');
  const first = await startCloud(assembly, dataFolder, ids);
  await first.tell('prepare');
  await first.stop();
  const endMs = Math.floor(Date.now() / 1000) * 1000;
  say(`a day of ${machines} machines into the store`);
  const rows = await seedStore(dataFolder, ids, endMs);
  say('the minutes of its first eighteen hours, as the stage rolls them up');
  const rolling = await startCloud(assembly, dataFolder, ids);
  await rolling.tell(`roll-up ${endMs}`);
  await rolling.stop();
  const cloud = await startCloud(assembly, dataFolder, ids);
  try {
    await cloud.tell('renew');
    const token = await signIn(cloud.url);
    const range = `from=${new Date(endMs - 86_400_000).toISOString()}&to=${new Date(endMs).toISOString()}`;
    const history = `history?${range}&resolutionS=60&signals=spindle_load_pct&limit=5000`;
    const twinUrls = ids.map((id) => `${cloud.url}/api/machines/${id}`);
    const historyUrls = ids.map((id) => `${cloud.url}/api/machines/${id}/${history}`);
    const folder = join(root, 'bare');
    mkdirSync(folder);
    writeFileSync(join(folder, 'twin.json'), await readOnce(twinUrls[0] ?? '', token));
    writeFileSync(join(folder, 'history.json'), await readOnce(historyUrls[0] ?? '', token));
    const load = { token, readers, seconds };
    say('reads of the twin');
    const twin = await readFor(twinUrls, load);
    say('reads of a day of history');
    const dayOfHistory = await readFor(historyUrls, load);
    say(`${clients} clients of the live feed`);
    const fanOut = await measureFanOut(cloud.liveUrl, { clients, seconds, token, renew: () => cloud.tell('renew') });
    writeFileSync(join(folder, 'message.json'), fanOut.message);
    const { rssMb } = await cloud.tell('rest');
    await cloud.stop();
    const bare = await measureBare(folder, wanted);
    return {
      rows,
      machines,
      readers,
      rssMb,
      twin: { ...twin, bare: bare.twin },
      history24h: { ...dayOfHistory, resolutionS: 60, bare: bare.history },
      fanOut: { ...fanOut.result, bare: bare.fanOut },
    };
  } finally {
    cloud.kill();
  }
}

async function measureBare(folder: string, { clients, seconds, readers }: Wanted) {
  say('the same bytes from a bare server');
  const child = fork('bench/api/bare-server.ts', [folder]);
  try {
    const { port } = await nextMessage<{ port: number }>(child);
    const load = { token: '', readers, seconds };
    const url = `http://127.0.0.1:${port}`;
    return {
      twin: await readFor([`${url}/twin`], load),
      history: await readFor([`${url}/history`], load),
      fanOut: await measureBareFanOut(`ws://127.0.0.1:${port}`, { clients, seconds }),
    };
  } finally {
    child.kill();
  }
}

async function startCloud(assembly: string, dataFolder: string, ids: readonly string[]) {
  const child = fork('bench/api/cloud-process.ts', [assembly, dataFolder, ids.join()]);
  const { url, liveUrl } = await nextMessage<{ url: string; liveUrl: string }>(child);
  return {
    url,
    liveUrl,
    /** `prepare`, `renew`, `rest`, or `roll-up <the day's end>`. */
    tell: (command: string): Promise<{ rssMb: number }> => {
      child.send(command);
      return nextMessage(child);
    },
    stop: () =>
      new Promise<void>((done) => {
        child.once('exit', () => done());
        child.send('stop');
      }),
    kill: () => child.kill(),
  };
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((done, fail) => {
    const onExit = (code: number | null): void => fail(new Error(`the process ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      done(message as T);
    });
  });
}

async function signIn(url: string): Promise<string> {
  const { clientId } = (await (await fetch(`${url}/config.json`)).json()) as { clientId: string };
  const response = await fetch(`${url}/sign-in`, {
    method: 'POST',
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: clientId,
      AuthParameters: { USERNAME: 'viewer', PASSWORD: readyPassword },
    }),
  });
  return ((await response.json()) as { AuthenticationResult: { AccessToken: string } }).AuthenticationResult
    .AccessToken;
}
