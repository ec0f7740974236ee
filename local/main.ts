import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from '../core/result.ts';
import { type Clock, describeLead, installClock, isReal, openClock, realNowMs, saveClock } from './clock.ts';
import { readyPassword } from './cognito/user-pool.ts';
import { findSwallowed, ownStage, parseStart, type StartArguments, startHelp } from './command/arguments.ts';
import { takeDataFolder } from './command/data-folder.ts';
import { enrollFleet, listFleet, tellUnseenSensors, writeConnection } from './command/enroll-fleet.ts';
import { bringsPage, ensurePage } from './command/page.ts';
import { createReporter, describeReport, fitReport, type Report } from './command/report.ts';
import { startSimulators } from './command/simulator-process.ts';
import { ensureAssembly } from './command/synth.ts';
import { attempt, catchTheRest, tellSeldom } from './command/trouble.ts';
import { type Laptop, startLaptop } from './laptop.ts';
import { replaceFile } from './replace-file.ts';
import { ownerKeyId } from './wire/credentials.ts';

const reportEveryMs = 1000;
const firstSampleCheckMs = 50;
/** What is still under way when the simulator has ended gets this long; the rest is in flight at the next start. */
const drainMs = 1000;

const say = (line: string): void => {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}\n` : `${line}\n`);
};

const tell = tellSeldom(say);

const swallowed = findSwallowed(process.env);
const parsed = swallowed === undefined ? parseStart(process.argv.slice(2)) : failure(swallowed);
if (!parsed.ok) {
  say(`start: ${parsed.error}`);
  process.exitCode = 2;
} else if (parsed.value === 'help') {
  process.stdout.write(`${startHelp}\n`);
} else {
  try {
    process.exitCode = await run(parsed.value);
  } catch (error) {
    say(`start: ${describeFailure(error as Error & { code?: string; port?: number })}`);
    // What could not be ended in order would keep the process for ever.
    process.exit(1);
  }
}

function describeFailure(error: Error & { code?: string; port?: number }): string {
  if (error.code !== 'EADDRINUSE') return error.message;
  return `port ${error.port} is taken, by another run perhaps; choose others with --port and --mqtt-port (0 takes a free one)`;
}

async function run(args: StartArguments): Promise<number> {
  const dataFolder = resolve(args.dataFolder);
  const taken = takeDataFolder(dataFolder, args.fresh);
  catchTheRest(join(dataFolder, 'logs', 'fault.log'), tell);
  const clockFile = join(dataFolder, 'clock.json');
  const clock = openClock(clockFile, args.speed);
  // The synthesis is a process of its own: the page of the laptop's own stage is built beside it.
  const own = args.stage === ownStage ? ensurePage(say) : null;
  await Promise.all([ensureAssembly(args.assemblyFolder, args.stage, say), own]);
  if (own === null && !bringsPage(args.assemblyFolder)) await ensurePage(say);
  installClock(clock);
  const laptop = await startLaptop({
    ...args,
    assemblyFolder: resolve(args.assemblyFolder),
    dataFolder,
    tell: (source, message) => tell(`${source}: ${message}`),
  });
  const ended = waitForEnd(args.forMs);
  const simulator = await openFactory(laptop, args, dataFolder, isReal(clock) ? null : new Date().toISOString());
  describeAddresses(laptop, dataFolder, clock);
  sayFirstSample(laptop);
  const reporter = createReporter(laptop, args.speed);
  const timer = setInterval(() => {
    publishReport(reporter.report(), args, dataFolder);
    attempt(() => saveClock(clockFile, clock), tell);
  }, reportEveryMs);
  await ended;
  clearInterval(timer);
  await simulator?.stop();
  await drain(laptop);
  const final: Report = { ...reporter.report(), final: true };
  try {
    await laptop.stop();
  } finally {
    publishReport(final, args, dataFolder);
    if (!args.json) say(describeReport(final));
    taken.release();
  }
  return final.difference === 0 ? 0 : 1;
}

async function openFactory(laptop: Laptop, args: StartArguments, dataFolder: string, start: string | null) {
  const credentialsFolder = join(dataFolder, 'credentials');
  if (!args.runSimulator) {
    writeConnection(laptop, credentialsFolder);
    return undefined;
  }
  for (const sentence of tellUnseenSensors(args.config)) say(sentence);
  await enrollFleet(laptop, listFleet(args), credentialsFolder);
  return startSimulators({
    ...args,
    start,
    credentialsFolder,
    outboxFolder: join(dataFolder, 'outbox'),
    logFolder: join(dataFolder, 'logs'),
    tell: say,
  });
}

/** The first Ctrl-C ends the run in order, as does the end of its reader; the second ends the process. */
function waitForEnd(forMs: number | null): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
    // Whoever read along has gone, as `head` does.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => done());
    if (forMs !== null) setTimeout(done, forMs);
  });
}

/** What a start is measured by. */
function sayFirstSample(laptop: Laptop): void {
  const timer = setInterval(() => {
    if (laptop.ledger.totals().stored === 0) return;
    clearInterval(timer);
    say(`the first sample is in the store, ${process.uptime().toFixed(1)} s after the start`);
  }, firstSampleCheckMs).unref();
}

async function drain(laptop: Laptop): Promise<void> {
  const untilMs = realNowMs() + drainMs;
  while (laptop.ledger.totals().inFlight > 0 && realNowMs() < untilMs) await sleep(20);
}

function describeAddresses(laptop: Laptop, dataFolder: string, clock: Clock): void {
  const users = laptop.userPools.listUsers();
  if (users.length > 0) say(`operator page ${laptop.url}/   (user ${users.join(', ')}; password ${readyPassword})`);
  for (const url of laptop.appSync.listUrls()) say(`graph         ${url}   (docs/graph.md)`);
  for (const url of laptop.webSockets.listUrls()) say(`live feed     ${url}   (docs/live.md)`);
  say(
    `AWS endpoint  ${laptop.url}   (AWS_ENDPOINT_URL; access key ${ownerKeyId}, any secret, region ${laptop.cloud.region})`,
  );
  say(`MQTT broker   mqtts://localhost:${laptop.iot.port()}   (credentials in ${join(dataFolder, 'credentials')})`);
  say(`mailbox       ${laptop.url}/mailbox`);
  say(`data and logs ${dataFolder}`);
  const ahead = describeLead(clock);
  if (ahead !== null) say(`clock         ${ahead}`);
}

function publishReport(report: Report, args: StartArguments, dataFolder: string): void {
  attempt(() => replaceFile(join(dataFolder, 'status.json'), JSON.stringify(report)), tell);
  if (args.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${fitReport(report, process.stderr.columns)}`);
  else if (Math.round(report.elapsedS) % 5 === 0) say(describeReport(report));
}
