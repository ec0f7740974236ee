import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The system's own browser: nothing is downloaded. CHROMIUM names another. */
export const findBrowser = (): string | undefined =>
  [process.env.CHROMIUM ?? '', ...places].find((path) => existsSync(path));

export const howToInstall = 'Chromium is missing: apt-get install chromium, or name one by CHROMIUM=/path';

export async function openBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error(howToInstall);
  // Chromium's sandbox refuses to run for root, as which containers run.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
