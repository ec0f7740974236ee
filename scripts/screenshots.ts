/** Makes the pictures of docs/screenshots from a running laptop: `npm start` in one terminal, this in another. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { openBrowser } from './open-browser.ts';

const help = `Makes the pictures of the operator page anew, from a laptop that runs.

  npm run screenshots -- --user viewer --password <as npm start says>

  --url address      of the page (default http://127.0.0.1:4566/)
  --user name        who signs in (default viewer)
  --password text    said by npm start
  --machine id       the machine to show (default: the most urgent)
  --out folder       where the pictures go (default docs/screenshots)`;

const options = {
  url: { type: 'string', default: 'http://127.0.0.1:4566/' },
  user: { type: 'string', default: 'viewer' },
  password: { type: 'string' },
  machine: { type: 'string' },
  out: { type: 'string', default: 'docs/screenshots' },
  help: { type: 'boolean', default: false },
} as const;

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
  mkdirSync(values.out, { recursive: true });
  const browser = await openBrowser();
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 800 } });
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

async function takeViews(page: Page, values: Wanted, take: (name: string) => Promise<void>): Promise<void> {
  await take('fleet');
  const href = await page.locator('.tile a').first().getAttribute('href');
  const machine = values.machine === undefined ? href : `#/machines/${values.machine}`;
  await page.goto(new URL(machine ?? '#/', values.url).href);
  await page.locator('canvas').first().waitFor();
  await take('machine');
  await page.goto(new URL('#/incidents', values.url).href);
  await page.locator('.incidents li, .empty').first().waitFor();
  await take('incidents');
  await page.goto(new URL('#/anomalies', values.url).href);
  await page.locator('table, .empty').first().waitFor();
  await take('anomalies');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(new URL(machine ?? '#/', values.url).href);
  await page.locator('canvas').first().waitFor();
  await take('phone');
}
