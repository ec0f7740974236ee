/**
 * The operator page in real Chromium before a plant whose every machine says something new each second: long tasks by
 * the Long Tasks API (W3C; a task over 50 ms), the time to the first tile on a cold cache, and the page's weight. The
 * hand of a person scrolls through the whole list meanwhile. The plant is a small server in this process, on the same
 * cores as the browser; a long task is told by the clock, so whatever else runs on the machine is in it. The share of a
 * core that the page's main thread takes is counted in its own time.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { ensurePage } from '../local/command/page.ts';
import { openBrowser } from '../scripts/open-browser.ts';
import { describeMachine } from './machine.ts';
import { readNumber } from './options.ts';
import { startPlantServer } from './page/plant-server.ts';

const help = `npm run bench -- page [--machines n] [--seconds n] [--polling] [--write] [--json]
  --machines n   in the fleet, each with a new sample a second (default 1000)
  --seconds n    measuring time (default 60)
  --polling      without the live feed: the page asks for all machines each second
  --write        keep the result in bench/results/page.json
  --json         the result on stdout as JSON`;

const longTaskMs = 50;
const assetsFolder = 'ui/operator/dist/assets';
/** First paints vary: the median of this many visits, each with an empty cache. */
const visits = 5;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      machines: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '60' },
      polling: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const result = await measure(readNumber(values, 'machines'), readNumber(values, 'seconds'), !values.polling);
  if (values.write) writeFileSync('bench/results/page.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log(values.json ? JSON.stringify(result) : describeResult(result));
  return 0;
}

type PageResult = Awaited<ReturnType<typeof measure>>;

const describeResult = (r: PageResult): string =>
  `${r.machines} machines, ${r.seconds} s: ${r.longTasks} long tasks (longest ${r.longestTaskMs} ms, limit ${longTaskMs}), first tile after ${r.firstTileMs} ms, main thread ${Math.round(r.mainThreadShare * 100)} % of a core, load average ${r.loadAverage}, ${r.bundleGzipBytes} bytes gzipped`;

async function measure(machines: number, seconds: number, isLive: boolean) {
  await ensurePage((line) => console.error(line));
  const server = await startPlantServer(machines, isLive);
  const browser = await openBrowser();
  try {
    const firstTilesMs: number[] = [];
    for (let i = 0; i < visits; i++) firstTilesMs.push(await measureFirstTile(browser, server.url));
    const { tasks, mainThreadShare } = await measureTasks(browser, server.url, seconds);
    return {
      bench: 'page',
      ...describeMachine(),
      machines,
      seconds,
      feed: isLive ? 'live' : 'polling',
      longTasks: tasks.filter((ms) => ms > longTaskMs).length,
      longestTaskMs: Math.round(Math.max(0, ...tasks)),
      mainThreadShare: Math.round(mainThreadShare * 1000) / 1000,
      loadAverage: Math.round((loadavg()[0] ?? 0) * 10) / 10,
      firstTileMs: Math.round(firstTilesMs.sort((a, b) => a - b)[Math.floor(visits / 2)] ?? 0),
      bundleGzipBytes: weigh(),
    };
  } finally {
    await browser.close();
    server.stop();
  }
}

const weigh = (): number =>
  readdirSync(assetsFolder).reduce((sum, name) => sum + gzipSync(readFileSync(join(assetsFolder, name))).length, 0);

/** Signed in already, as all day long; the cache of a new context is empty. */
async function openFleet(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
  await context.addInitScript("sessionStorage.setItem('factory-twin-token', 'a.e30.b')");
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'commit' });
  return page;
}

async function measureFirstTile(browser: Browser, url: string): Promise<number> {
  const page = await openFleet(browser, url);
  await page.waitForFunction("document.querySelector('.tile') !== null", undefined, { polling: 'raf' });
  const firstTileMs = await page.evaluate<number>('performance.now()');
  await page.context().close();
  return firstTileMs;
}

const observeTasks = `
  globalThis.taskMs = [];
  new PerformanceObserver((list) => taskMs.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: false });`;

async function measureTasks(browser: Browser, url: string, seconds: number) {
  const page = await openFleet(browser, url);
  await page.locator('.tile').first().waitFor();
  await page.evaluate(observeTasks);
  const readCpuS = await countCpu(page);
  const startCpuS = await readCpuS();
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(100);
    await page.evaluate('scrollY + innerHeight >= document.documentElement.scrollHeight - 2 && scrollTo(0, 0)');
  }
  const tasks = await page.evaluate<number[]>('taskMs');
  const mainThreadShare = ((await readCpuS()) - startCpuS) / seconds;
  await page.context().close();
  return { tasks, mainThreadShare };
}

/** Of the main thread, in its own time and not by the clock. */
async function countCpu(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
  };
}
