import { connectAsync, type MqttClient } from 'mqtt';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { readyPassword } from '../../local/cognito/user-pool.ts';
import { ensurePage } from '../../local/command/page.ts';
import { openBrowser } from '../../scripts/open-browser.ts';
import { machineCatalogue } from '../../simulator/catalogue.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from '../local/assembly.ts';

export const machineIds = { process: 'SEAS-CNC-01', mill: 'MILL-01', pump: 'PUMP-01', silent: 'SILENT-01' } as const;

/** The scenario's first chatter is its event 46. */
const healthyEvents = 46;
/** A forecast needs a minute of samples, and the mill half a minute to reach its work. */
const secondsOfHistory = 150;
/** A message holds 128 KB (AWS IoT Core quotas). */
const samplesAMessage = 50;

export interface Floor {
  readonly test: TestLaptop;
  readonly browser: Browser;
  /** Sends the next sample of the milling process. */
  readonly publish: () => Promise<unknown>;
  /** Sends a pump's sample whose flow meter says nothing: nobody may go on with it. */
  readonly publishDropout: () => Promise<unknown>;
  readonly stopBroker: () => Promise<void>;
  openSignedIn(options?: Parameters<Browser['newContext']>[0], view?: string, user?: string): Promise<Opened>;
  close(): Promise<void>;
}

export interface Opened {
  readonly context: BrowserContext;
  readonly page: Page;
}

/** A laptop with a history of each kind of machine, and a browser before it. */
export async function openFloor(): Promise<Floor> {
  await Promise.all([synthesise(), ensurePage(() => undefined)]);
  const [test, browser] = await Promise.all([openLaptop(), openBrowser()]);
  const { process, mill, pump, silent } = machineIds;
  const connectionOf = await enroll(test, {
    [process]: 'cnc-process',
    [mill]: 'cnc-mill',
    [pump]: 'centrifugal-pump',
    [silent]: 'generic',
  });
  const connect = async (machineId: string): Promise<MqttClient> => {
    const { url, options } = connectionOf(machineId);
    return connectAsync(url, options);
  };
  const clients = new Map<string, MqttClient>();
  for (const id of [process, mill, pump]) clients.set(id, await connect(id));
  const send = (machineId: string, payload: unknown): Promise<unknown> =>
    clients.get(machineId)!.publishAsync(`factory/${machineId}/telemetry`, JSON.stringify(payload), { qos: 1 });

  const milling = createMachine('cnc-process', process, healthyEvents);
  const publish = (): Promise<unknown> => send(process, milling.next().payload);
  for (let i = 0; i < healthyEvents; i++) await publish();
  const pumping = createMachine('centrifugal-pump', pump, secondsOfHistory);
  for (const machine of [createMachine('cnc-mill', mill, secondsOfHistory), pumping]) {
    for (let sent = 0; sent < secondsOfHistory; sent += samplesAMessage) {
      await send(machine.machineId, { samples: Array.from({ length: samplesAMessage }, () => machine.next().payload) });
    }
  }
  await vi.waitFor(
    () =>
      expect(test.laptop.ledger.totals()).toMatchObject({ stored: healthyEvents + 2 * secondsOfHistory, inFlight: 0 }),
    { timeout: 20_000, interval: 20 },
  );

  return {
    test,
    browser,
    publish,
    publishDropout: () => send(pump, { ...pumping.next().payload, flow_m3_h: null }),
    stopBroker: async () => test.laptop.iot.stop?.(),
    openSignedIn: (options = {}, view = '', user = 'viewer') =>
      openSignedIn(browser, test.laptop.url, { options, view, user }),
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.endAsync(true)));
      await browser.close();
      await test.stop();
    },
  };
}

/** One whose `count` samples end now. */
function createMachine(type: string, machineId: string, count: number) {
  const { create, defaultIntervalMs: intervalMs } = machineCatalogue[type]!;
  const startMs = Math.floor(Date.now() / 1000) * 1000 - count * intervalMs;
  return create({ machineId, seed: 7, startMs, intervalMs, faults: [] });
}

interface Visit {
  readonly options: Parameters<Browser['newContext']>[0];
  readonly view: string;
  readonly user: string;
}

async function openSignedIn(browser: Browser, url: string, { options, view, user }: Visit): Promise<Opened> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`${url}/${view}`);
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Password').fill(readyPassword);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  return { context, page };
}
