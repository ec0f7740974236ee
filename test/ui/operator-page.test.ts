import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readyPassword } from '../../local/cognito/user-pool.ts';
import { ensurePage } from '../../local/command/page.ts';
import { findBrowser, howToInstall } from '../../scripts/open-browser.ts';
import { type Floor, machineIds, openFloor } from './floor.ts';
import { findFaults, findWide } from './inspect.ts';
import { plugIn, standInForIssuer } from './stand-ins.ts';

// A view takes a browser seconds, or ten times as long on a machine with other work.
vi.setConfig({ testTimeout: 90_000 });

const title = findBrowser() === undefined ? `the operator page (skipped. ${howToInstall})` : 'the operator page';
const machineView = (id: string): string => `#/machines/${id}`;

it('weighs at most 120 KB on the wire, and tells nothing of where it was built', async () => {
  await ensurePage(() => undefined);
  const folder = 'ui/operator/dist/assets';
  const files = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`));
  const sizes = files.map((file) => gzipSync(file).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(120 * 1024);
  expect(files.filter((file) => file.includes(process.cwd()))).toEqual([]);
});

/** In the page: whether the views' names need more room than they have. */
const isCut = `(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)(document.querySelector('nav'))`;

/** In the page: where the first and the last word below the history stand. */
const endsOfHistory = `(({ firstElementChild, lastElementChild }) => [firstElementChild, lastElementChild].map((word) => word.getBoundingClientRect().toJSON()))(document.querySelector('.timeline .row.spread.quiet'))`;
type Box = Readonly<Record<'x' | 'y' | 'width', number>>;

/** In the page: both before it draws anew. */
const pressAskTwice = `const ask = [...document.querySelectorAll('form.question button')].find(({ textContent }) => textContent === 'Ask');
ask.click(); ask.click();`;

describe.skipIf(findBrowser() === undefined)(title, () => {
  let floor: Floor;
  beforeAll(async () => {
    floor = await openFloor();
  }, 60_000);
  afterAll(() => floor?.close());

  const openSignedIn: Floor['openSignedIn'] = (...args) => floor.openSignedIn(...args);
  const tile = (page: Page, id: string = machineIds.process) => page.locator('.tile', { hasText: id });

  it('shows a fault within two seconds of its first sample, then its evidence and what to do', async () => {
    const { context, page } = await openSignedIn();
    await tile(page).waitFor();
    const startedMs = performance.now();
    await floor.publish();
    await tile(page).getByText('A person must look').waitFor({ timeout: 4000 });
    expect(performance.now() - startedMs).toBeLessThan(2000);
    await tile(page).getByRole('link').click();
    await page.getByRole('heading', { name: 'A person must look' }).waitFor();
    const evidence = page.getByRole('region', { name: 'Evidence' });
    expect(await evidence.textContent()).toMatch(/Vibration rms1\.21 mm\/s.*≤ 0\.82 mm\/s/);
    await page.getByRole('img', { name: /^Vibration rms: / }).waitFor();
    await context.close();
  });

  it('shows in every window who acknowledged an incident and whose it is, and offers a viewer nothing to do', async () => {
    // An episode opens after some samples in a row.
    for (let i = 0; i < 4; i++) await floor.publish();
    const looking = await openSignedIn({}, '#/incidents');
    const acting = await openSignedIn({}, machineView(machineIds.process), 'operator');
    await looking.page.getByText(/^\d+ of 12 calls this shift, which ends /).waitFor();
    const take = (page: Page) => page.getByRole('button', { name: 'Acknowledge' }).first();
    await take(acting.page).waitFor();
    await expect.poll(() => looking.page.title()).toMatch(/^\(\d+\) Factory Twin$/);
    await looking.page.getByText('viewer, looks on').waitFor();
    expect(await take(looking.page).count()).toBe(0);
    await looking.page.goto(`${floor.test.laptop.url}/${machineView(machineIds.process)}`);
    await looking.page.getByRole('heading', { name: 'Evidence' }).waitFor();
    expect(await looking.page.getByRole('button', { name: /Acknowledge|Approve|Ask for maintenance/ }).count()).toBe(0);
    await looking.page.goto(`${floor.test.laptop.url}/#/incidents`);
    await take(acting.page).click();
    for (const { page } of [acting, looking])
      await page.getByText('Acknowledged by operator').first().waitFor({ timeout: 5000 });
    await looking.page
      .getByRole('link', { name: /^SEAS-CNC-01: / })
      .first()
      .click();
    await looking.page.getByText('Every entry is sealed to the one before it').waitFor();
    expect(await looking.page.locator('.story').textContent()).toMatch(/Acknowledged by operator/);
    expect(await looking.page.getByRole('button', { name: 'Assign…' }).count()).toBe(0);
    await acting.page.goto(looking.page.url());
    await acting.page.getByRole('button', { name: 'Assign…' }).click();
    await acting.page.getByLabel('To whom').fill('Ola Lind');
    await acting.page.getByRole('button', { name: 'Assign', exact: true }).click();
    for (const { page } of [acting, looking]) {
      await page.getByText('; assigned to Ola Lind').waitFor({ timeout: 5000 });
      await page.locator('.story').getByText('Assigned: Ola Lind').waitFor();
    }
    // It is of the moment of the episode's last turn, and grows no younger.
    await looking.page.getByRole('heading', { name: /^Evidence, as it was at \d/ }).waitFor();
    expect(await looking.page.getByRole('region', { name: 'Evidence' }).last().textContent()).not.toContain(' ago');
    await Promise.all([looking.context.close(), acting.context.close()]);
  });

  it('draws a mill’s tool path, and the fan of what ends first', async () => {
    const { context, page } = await openSignedIn({}, machineView(machineIds.mill));
    const path = page.getByRole('img', {
      name: /^Tool path of the last ten minutes, [1-9]\d* moves; tool at x -?[\d.]+ mm/,
    });
    await path.waitFor();
    expect(await path.locator('path.cut').count()).toBeGreaterThan(0);
    const fan = page.getByRole('img', { name: /one in ten ends within .*, half within .*, nine in ten within/ });
    await fan.waitFor();
    expect(await fan.locator('path.band').getAttribute('d')).toMatch(/^M[\d.-]+ [\d.-]+L.*Z$/);
    await page.getByText('O1234').waitFor();
    await context.close();
  });

  it('tells a planner what a wait at another pace would risk', async () => {
    const { context, page } = await openSignedIn({}, machineView(machineIds.mill));
    const life = page.getByRole('region', { name: 'Remaining life' });
    await life.getByText('What if…').click();
    await life.getByLabel('Work done in, h').fill('2000');
    await life.getByLabel('Load until then, %').fill('200');
    await life.getByRole('button', { name: 'Tell' }).click();
    const outcomes = life.getByRole('list', { name: 'What would be' });
    await outcomes.getByText(/Spindle bearing.* fail before the work, in 83 days: €[\d,]+ expected/).waitFor();
    await outcomes
      .getByText(/Cutting tool.*not told: by which power of load its life falls is not known/)
      .first()
      .waitFor();
    expect(await findFaults(page)).toEqual([]);
    await context.close();
  });

  it('draws a pump’s operating point on its curves, and saves what it shows', async () => {
    const { context, page } = await openSignedIn({}, machineView(machineIds.pump));
    const map = page.getByRole('img', { name: /^Operating point: Flow [\d.]+ m³\/h, Head [\d.]+ m, .*Pump, System/ });
    await map.waitFor();
    expect(await map.locator('path.curve').count()).toBe(3);
    for (const [button, ending] of [
      ['Save as CSV', 'csv'],
      ['Parquet', 'parquet'],
    ] as const) {
      const saved = page.waitForEvent('download');
      await page.getByRole('button', { name: button }).click();
      expect((await saved).suggestedFilename()).toBe(`PUMP-01.${ending}`);
    }
    await context.close();
  });

  it('goes back to how a machine was, by keyboard, and returns to now', async () => {
    const { context, page } = await openSignedIn({}, machineView(machineIds.pump));
    const moment = page.getByRole('slider', { name: 'Moment' });
    await moment.focus();
    for (let i = 0; i < 24; i++) await page.keyboard.press('ArrowLeft');
    const past = page.getByRole('status').filter({ hasText: 'As it was at' });
    await past.waitFor();
    expect(await moment.getAttribute('aria-valuetext')).toMatch(/\d\d:\d\d:\d\d UTC/);
    await page.getByText('Not live').waitFor();
    expect(await page.getByText(/^Live, /).count()).toBe(0);
    await past.getByRole('button', { name: 'Back to now' }).click();
    await past.waitFor({ state: 'detached' });
    // As the link of a mail does.
    const then = new Date(Date.now() - 20_000).toISOString();
    await page.goto(`${floor.test.laptop.url}/${machineView(machineIds.pump)}/${then}`);
    await past.waitFor();
    await context.close();
  });

  it('is used by keyboard alone', async () => {
    const { context, page } = await openSignedIn();
    await tile(page, machineIds.silent).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('silent');
    await expect.poll(() => page.locator('.tile').count()).toBe(1);
    const focusesTile = () => page.evaluate<boolean>("document.activeElement?.closest('.tile') !== null");
    for (let i = 0; i < 16 && !(await focusesTile()); i++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: machineIds.silent }).waitFor();
    await page.getByText('has not sent a sample yet').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
    await context.close();
  });

  const views = [
    '',
    '#/incidents',
    '#/maintenance',
    '#/anomalies',
    '#/pipeline',
    ...Object.values(machineIds).map(machineView),
  ];
  const goTo = async (page: Page, view: string): Promise<void> => {
    await page.goto(`${floor.test.laptop.url}/${view}`);
    await page.locator('.view').locator('.tile, .panel, table, .empty').first().waitFor();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
  };

  it.each(['light', 'dark'] as const)('has no serious fault of access in its views, %s', async (colorScheme) => {
    const { context, page } = await openSignedIn({ colorScheme });
    for (const view of views) {
      await goTo(page, view);
      expect(await findFaults(page), view).toEqual([]);
    }
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('User').waitFor();
    expect(await findFaults(page)).toEqual([]);
    await context.close();
  });

  it('fits a phone: nothing is wider than 360 pixels', async () => {
    const { context, page } = await openSignedIn({ viewport: { width: 360, height: 740 } });
    for (const view of views) {
      await goTo(page, view);
      expect(await page.evaluate(findWide), view).toEqual([]);
    }
    for (const width of [768, 900, 1024, 1100, 1280]) {
      await page.setViewportSize({ width, height: 740 });
      expect(await page.evaluate(isCut), `views at ${width} px`).toBe(false);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    await goTo(page, '#/pipeline');
    const tab = await page.getByRole('link', { name: 'Pipeline' }).boundingBox();
    expect(tab!.x + tab!.width).toBeLessThanOrEqual(360);
    await context.close();
  }, 15_000);

  it('says of a machine without a sample nothing that would need one', async () => {
    const { context, page } = await openSignedIn(
      { viewport: { width: 390, height: 844 } },
      machineView(machineIds.silent),
    );
    const health = page.getByRole('region', { name: 'Health' });
    await health.getByText('Machine').waitFor();
    expect(await health.getByText('Nothing deviates').count()).toBe(0);
    await context.close();
  });

  it('ends the history of a phone with now at its right', async () => {
    const { context, page } = await openSignedIn(
      { viewport: { width: 390, height: 844 } },
      machineView(machineIds.pump),
    );
    // In one step: the page grows while it loads.
    await page.locator('.timeline .row.spread.quiet').waitFor();
    const [left, right] = (await page.evaluate(endsOfHistory)) as Box[];
    expect(right!.y).toBe(left!.y);
    expect(right!.x).toBeGreaterThan(left!.x + left!.width);
    await context.close();
  });

  it('opens at an address that was cut short in a mail, and says what is not there', async () => {
    const { context, page } = await openSignedIn({}, machineView('PUMP-01%2'));
    await page.getByText(/"PUMP-01%2"/).waitFor();
    await context.close();
  });

  it('lets a person ask for work and decide on it; a second one is needed where the twin says do not proceed', async () => {
    const [one, other] = [
      await openSignedIn({}, machineView(machineIds.pump), 'operator'),
      await openSignedIn({}, '#/maintenance', 'engineer'),
    ];
    await one.page.getByRole('button', { name: 'Ask for maintenance' }).click();
    await one.page.getByLabel('Because').fill('it rattles');
    let asked = 0;
    one.page.on('request', (request) => {
      if (request.method() === 'POST') asked += 1;
    });
    await floor.publishDropout();
    await one.page.getByRole('heading', { name: 'Do not proceed' }).waitFor();
    // A hurried hand presses twice.
    await one.page.evaluate(pressAskTwice);
    await one.page.getByText('Asked for: the work order appears here.').waitFor();
    expect(asked).toBe(1);
    const reject = async (page: Page, reason: string) => {
      const order = page.locator('.order, .card', { hasText: 'Replace the bearings' });
      await order.getByRole('button', { name: 'Reject…' }).click();
      await order.getByLabel('Why not').fill(reason);
      await order.getByRole('button', { name: 'Reject', exact: true }).click();
    };
    await reject(one.page, 'heard nothing');
    await one.page.getByText('a second person is needed').waitFor();
    await other.page.getByText('a second person is needed').waitFor();
    await reject(other.page, 'nor did I');
    await other.page
      .getByRole('region', { name: 'Work that is over' })
      .getByText('Rejected')
      .waitFor({ timeout: 12_000 });
    await other.page.getByRole('link', { name: 'Replace the bearings' }).click();
    await other.page.getByText('What happened').waitFor();
    expect(await other.page.getByText('open for a decision until').count()).toBe(0);
    await Promise.all([one.context.close(), other.context.close()]);
  });

  it('says why one must sign in again, and leads back to where one was', async () => {
    const { context, page } = await openSignedIn({ viewport: { width: 360, height: 740 } }, '#/pipeline');
    await page.getByRole('heading', { name: 'Ledger and latency' }).waitFor();
    await page.evaluate("sessionStorage.setItem('factory-twin-token', 'run.out.')");
    await page.getByRole('status').filter({ hasText: 'Your sign-in has run out' }).waitFor();
    const panel = await page.locator('main').boundingBox();
    expect(panel!.x).toBeGreaterThan(0);
    await page.getByLabel('User').fill('viewer');
    await page.getByLabel('Password').fill(readyPassword);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Ledger and latency' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('User').waitFor();
    expect(await page.getByText('Your sign-in has run out').count()).toBe(0);
    await context.close();
  });

  it('gets its token from the issuer’s own page by a code that only this page can redeem', async () => {
    const { context, page } = await openSignedIn();
    const issuer = await standInForIssuer(context, page, floor.test.laptop.url);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(`${floor.test.laptop.url}/#/pipeline`);
    await page.reload();
    await page.getByRole('button', { name: 'Sign in at login.example.org' }).click();
    await page.getByRole('heading', { name: 'Ledger and latency' }).waitFor();
    expect(issuer.redeemed).toEqual(['the code']);
    expect(page.url()).toBe(`${floor.test.laptop.url}/#/pipeline`);
    await context.close();
  });

  it('says of which moment it is by the plant’s clock, not by the viewer’s', async () => {
    const { context, page } = await openSignedIn({ timezoneId: 'UTC' });
    await page.addInitScript('const now = Date.now; Date.now = () => now() - 90 * 60_000;');
    for (const view of ['', '#/pipeline', machineView(machineIds.process)]) {
      await goTo(page, view);
      await page.reload();
      const shown = (await page.getByText(/^Live, /).textContent()) ?? '';
      const [, time = ''] = /(\d\d:\d\d:\d\d) UTC$/.exec(shown) ?? [];
      const apartMs = Math.abs(Date.now() - Date.parse(`${new Date().toISOString().slice(0, 10)}T${time}Z`));
      // Midnight may lie between the two.
      expect(Math.min(apartMs, 24 * 3_600_000 - apartMs), `${view}: ${shown}`).toBeLessThan(10_000);
    }
    await context.close();
  });

  it('says so when it is cut off, shows nothing as live, and comes back by itself', async () => {
    const { context, page } = await openSignedIn();
    const cable = await plugIn(context);
    await goTo(page, '');
    await floor.publish();
    await tile(page).and(page.locator(':not(.stale)')).waitFor();
    await cable.pull(page);
    await page.getByRole('alert').filter({ hasText: 'No connection' }).waitFor({ timeout: 10_000 });
    await tile(page).getByText('Stale').waitFor();
    await tile(page).getByText('Do not proceed').waitFor();
    await cable.plug();
    await page.getByRole('alert').waitFor({ state: 'detached', timeout: 12_000 });
    await context.close();
  });

  it('turns the machines stale when the broker stops', async () => {
    const { context, page } = await openSignedIn();
    await floor.publish();
    await tile(page).and(page.locator(':not(.stale)')).waitFor();
    await floor.stopBroker();
    await tile(page).getByText('Stale').waitFor({ timeout: 15_000 });
    await tile(page).getByText('Do not proceed').waitFor();
    const silentS = async () => Number(/Last heard (\d+) s ago/.exec((await tile(page).textContent()) ?? '')?.[1]);
    const firstS = await silentS();
    // The feed has no news of it, and it grows older all the same.
    await expect.poll(silentS, { timeout: 12_000 }).toBeGreaterThan(firstS);
    await context.close();
  });
});
