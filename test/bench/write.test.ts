import { readdirSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';

/** What all benches share has no results of its own. */
const shared = ['main', 'machine', 'options'];
const files = readdirSync('bench').filter((file) => file.endsWith('.ts'));
const benches = files.map((file) => file.slice(0, -3)).filter((name) => !shared.includes(name));

afterEach(() => vi.restoreAllMocks());

it.each(benches)('%s keeps its result when told --write, as every bench does', async (name) => {
  const told: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => told.push(String(text)) > 0);
  vi.spyOn(console, 'log').mockImplementation((text) => void told.push(String(text)));
  const { run } = (await import(`../../bench/${name}.ts`)) as { run(args: string[]): Promise<number> };
  expect(await run(['--write', '--help'])).toBe(0);
  expect(told.join('')).toMatch(/--write +(also writes|keep)/);
});
