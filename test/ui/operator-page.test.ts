import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readyPassword } from '../../local/cognito/user-pool.ts';
import { ensurePage } from '../../local/command/page.ts';
import { findBrowser, howToInstall, openBrowser } from '../../scripts/open-browser.ts';
import { createProcessMachine } from '../../simulator/process/machine.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from '../local/assembly.ts';

const machineId = 'SEAS-CNC-01';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The scenario's first chatter is its event 46. */
const healthyEvents = 46;

const title = findBrowser() === undefined ? `the operator page (skipped. ${howToInstall})` : 'the operator page';

describe.skipIf(findBrowser() === undefined)(title, () => {
  let test: TestLaptop;
  let client: MqttClient;
  let browser: Browser;
  const machine = createProcessMachine({
    machineId,
    seed: 7,
    startMs: Math.floor(Date.now() / 1000) * 1000 - healthyEvents * 2000,
    intervalMs: 2000,
    faults: [],
  });
  const publish = (): Promise<unknown> =>
    client.publishAsync(`factory/${machineId}/telemetry`, JSON.stringify(machine.next().payload), { qos: 1 });

  beforeAll(async () => {
    await Promise.all([synthesise(), ensurePage(() => undefined)]);
    [test, browser] = await Promise.all([openLaptop(), openBrowser()]);
    const connection = (await enroll(test, { [machineId]: 'cnc-process', 'SILENT-01': 'generic' }))(machineId);
    client = await connectAsync(connection.url, connection.options);
    for (let i = 0; i < healthyEvents; i++) await publish();
    await vi.waitFor(() => expect(test.laptop.ledger.totals()).toMatchObject({ stored: healthyEvents, inFlight: 0 }), {
      timeout: 10_000,
      interval: 20,
    });
  });
  afterAll(async () => {
    await client?.endAsync(true);
    await browser?.close();
    await test?.stop();
  });

  const openSignedIn = async (options: Parameters<Browser['newContext']>[0] = {}, view = '', user = 'viewer') => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await page.goto(`${test.laptop.url}/${view}`);
    await page.getByLabel('User').fill(user);
    await page.getByLabel('Password').fill(readyPassword);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    return { context, page };
  };
  const tile = (page: Page, id = machineId) => page.locator('.tile', { hasText: id });

  it('shows a fault within two seconds of its first sample, then its evidence and what to do', async () => {
    const { context, page } = await openSignedIn();
    await tile(page).waitFor();
    const startedMs = performance.now();
    await publish();
    await tile(page).getByText('A person must look').waitFor({ timeout: 4000 });
    expect(performance.now() - startedMs).toBeLessThan(2000);
    await tile(page).getByRole('link').click();
    await page.getByRole('heading', { name: 'A person must look' }).waitFor();
    const evidence = page.getByRole('region', { name: 'Evidence' });
    expect(await evidence.textContent()).toMatch(/vibration rms1\.21 mm\/s.*≤ 0\.82 mm\/s/);
    await page.getByRole('img', { name: /^Vibration rms: / }).waitFor();
    await context.close();
  });

  it('shows in every window who took an incident, and lets a viewer take none', async () => {
    // An episode opens after some samples in a row.
    for (let i = 0; i < 4; i++) await publish();
    const looking = await openSignedIn({}, '#/incidents');
    const acting = await openSignedIn({}, '#/incidents', 'operator');
    const take = (page: Page) => page.getByRole('button', { name: 'I take it' }).first();
    await take(looking.page).click();
    await looking.page.getByRole('alert').filter({ hasText: 'needs the role operator' }).waitFor();
    await take(acting.page).click();
    for (const { page } of [acting, looking])
      await page.getByText('taken by operator').first().waitFor({ timeout: 5000 });
    await Promise.all([looking.context.close(), acting.context.close()]);
  });

  it('is used by keyboard alone', async () => {
    const { context, page } = await openSignedIn();
    await tile(page, 'SILENT-01').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('silent');
    await expect.poll(() => page.locator('.tile').count()).toBe(1);
    const focusesTile = () => page.evaluate<boolean>("document.activeElement?.closest('.tile') !== null");
    for (let i = 0; i < 12 && !(await focusesTile()); i++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'SILENT-01' }).waitFor();
    await page.getByText('has not sent a sample yet').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
    await context.close();
  });

  const findFaults = async (page: Page): Promise<unknown> => {
    await page.evaluate(axeSource);
    return page.evaluate(async () => {
      const axe = (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe;
      const { violations } = await axe.run();
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
    });
  };

  it.each(['light', 'dark'] as const)('has no serious fault of access in its views, %s', async (colorScheme) => {
    const views = ['', '#/incidents', '#/anomalies', `#/machines/${machineId}`];
    const { context, page } = await openSignedIn({ colorScheme });
    for (const view of views) {
      await page.goto(`${test.laptop.url}/${view}`);
      await page.locator('.tile, .panel, table, .empty').first().waitFor();
      expect(await findFaults(page), view).toEqual([]);
    }
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('User').waitFor();
    expect(await findFaults(page)).toEqual([]);
    await context.close();
  });

  it('fits a phone: nothing is wider than 360 pixels', async () => {
    const { context, page } = await openSignedIn({ viewport: { width: 360, height: 740 } });
    for (const view of ['', `#/machines/${machineId}`]) {
      await page.goto(`${test.laptop.url}/${view}`);
      await page.locator('.tile, canvas').first().waitFor();
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    }
    await context.close();
  });

  it('says so when it is cut off, shows nothing as live, and comes back by itself', async () => {
    const { context, page } = await openSignedIn();
    await tile(page).waitFor();
    await publish();
    await tile(page).and(page.locator(':not(.stale)')).waitFor();
    await cutOff(context, page);
    await page.getByRole('alert').filter({ hasText: 'No connection' }).waitFor({ timeout: 10_000 });
    await tile(page).getByText('Stale').waitFor();
    await tile(page).getByText('Do not proceed').waitFor();
    await context.setOffline(false);
    await page.getByRole('alert').waitFor({ state: 'detached', timeout: 12_000 });
    await context.close();
  });

  it('turns a machine stale when its samples stop', async () => {
    const { context, page } = await openSignedIn();
    await publish();
    await tile(page).and(page.locator(':not(.stale)')).waitFor();
    await client.endAsync();
    await tile(page).getByText('Stale').waitFor({ timeout: 9000 });
    await tile(page).getByText('Do not proceed').waitFor();
    expect(await tile(page).textContent()).toMatch(/Last heard \d+ s ago/);
    await context.close();
  });
});

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

async function cutOff(context: BrowserContext, page: Page): Promise<void> {
  await context.setOffline(true);
  await page.waitForFunction('!navigator.onLine');
}
