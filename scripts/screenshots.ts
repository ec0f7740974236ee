/** Makes the pictures of docs/screenshots from a running laptop: `npm start` in one terminal, this in another. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { makeOutputFolder } from '../simulator/sinks/output-folder.ts';
import { openBrowser } from './open-browser.ts';

const help = `Makes the pictures of the operator page anew, from a laptop that runs; those of docs so:

  npm start -- --fresh --speed 12 --fault 'cavitation@30s+6m%PUMP-001' --fault 'tool_wear@30s+4m%CNC-001'
  npm run screenshots -- --mill CNC-001 --pump PUMP-001 --password <as npm start says>   (35 s later)

  --url address      of the page (default http://127.0.0.1:4566/)
  --user name        who signs in (default operator)
  --password text    said by npm start
  --mill id          the mill to show (default: the first)
  --pump id          the pump to show (default: the most urgent)
  --out folder       where the pictures go (default docs/screenshots)`;

const options = {
  url: { type: 'string', default: 'http://127.0.0.1:4566/' },
  user: { type: 'string', default: 'operator' },
  password: { type: 'string' },
  mill: { type: 'string' },
  pump: { type: 'string' },
  out: { type: 'string', default: 'docs/screenshots' },
  help: { type: 'boolean', default: false },
} as const;

/** What stays at the top of the page while the rest is scrolled. */
const barPx = 70;
const settleMs = 1500;

type Wanted = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

try {
  const { values } = parseArgs({ options, strict: true });
  if (values.help) process.stdout.write(`${help}\n`);
  else await takeAll(values);
} catch (error) {
  console.error(`screenshots: ${(error as Error).message.split('\n')[0]}`);
  process.exitCode = 1;
}

async function takeAll(values: Wanted): Promise<void> {
  if (values.password === undefined) throw new Error('--password: got nothing; npm start says it');
  makeOutputFolder('--out', values.out);
  const browser = await openBrowser();
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 960 } });
      const page = await context.newPage();
      await signIn(page, values, values.password);
      const take = async (name: string): Promise<void> => {
        const path = join(values.out, `${name}-${colorScheme}.png`);
        await page.screenshot({ path });
        console.error(path);
      };
      await takeViews(page, values, take);
      await context.close();
    }
  } finally {
    await browser.close();
  }
}

async function signIn(page: Page, values: Wanted, password: string): Promise<void> {
  await page.goto(values.url);
  await page.getByLabel('User').fill(values.user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.tile').first().waitFor();
}

interface View {
  readonly name: string;
  readonly hash: string;
  /** What must be there before the picture is worth taking. */
  readonly waitFor: string;
  /** What the picture begins with; the top of the page where nothing is named. */
  readonly from?: string;
}

async function takeViews(page: Page, values: Wanted, take: Take): Promise<void> {
  const first = async (type: string): Promise<string> =>
    (await page.locator('.tile a', { hasText: type }).first().getAttribute('href')) ?? '#/';
  const mill = values.mill === undefined ? await first('cnc-mill') : `#/machines/${values.mill}`;
  const pump = values.pump === undefined ? await first('centrifugal-pump') : `#/machines/${values.pump}`;
  const views: readonly View[] = [
    { name: 'fleet', hash: '#/', waitFor: '.tile' },
    { name: 'machine-cnc', hash: mill, waitFor: '.tool-path .cut', from: '.timeline' },
    { name: 'machine', hash: pump, waitFor: '.map .dot' },
    { name: 'maintenance', hash: '#/maintenance', waitFor: '.card, .empty' },
  ];
  for (const view of views) await show(page, values, view, take);
  const incident = await page.goto(new URL('#/incidents', values.url).href).then(() => linkOf(page, '.card h2 a'));
  if (incident !== null) {
    await show(page, values, { name: 'incident', hash: incident, waitFor: '.story li' }, take);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  await show(page, values, { name: 'phone', hash: pump, waitFor: 'canvas' }, take);
}

async function linkOf(page: Page, selector: string): Promise<string | null> {
  await page.locator('.card, .empty').first().waitFor();
  const link = page.locator(selector).first();
  return (await link.count()) === 0 ? null : link.getAttribute('href');
}

type Take = (name: string) => Promise<void>;

async function show(page: Page, values: Wanted, { name, hash, waitFor, from }: View, take: Take): Promise<void> {
  await page.goto(new URL(hash, values.url).href);
  await page.locator(waitFor).first().waitFor();
  await page.locator('.loading').first().waitFor({ state: 'detached' });
  if (from !== undefined) {
    // What is above grows until all is loaded.
    await page.waitForTimeout(settleMs);
    await page.locator(from).evaluate((element) => element.scrollIntoView());
    await page.mouse.wheel(0, -barPx);
    await page.waitForTimeout(settleMs);
  }
  await take(name);
}
