import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadAssembly } from '../template/assembly.ts';

const folder = 'ui/operator';
/** What the page is made from; beside it lies what was made. */
export const pageSources: readonly string[] = [join(folder, 'src'), join(folder, 'index.html')];

/** A stage for AWS has the page in its template, built with the synthesis; for the others the laptop serves its own. */
export const bringsPage = (assemblyFolder: string): boolean =>
  loadAssembly(assemblyFolder).some(({ template }) =>
    Object.values(template.Resources).some(({ Type }) => Type === 'AWS::CloudFront::Distribution'),
  );

/** Builds the laptop's own page unless it is there and newer than its sources. */
export async function ensurePage(tell: (line: string) => void): Promise<void> {
  const built = join(folder, 'dist');
  if (isUpToDate(built)) return;
  tell('building the operator page');
  // Loaded only when there is something to build: it costs a third of a second.
  const { build } = await import('vite');
  // Beside it: a folder is not renamed from one volume to another.
  const made = resolve(mkdtempSync(`${built}-`));
  const configFile = join(folder, 'vite.config.ts');
  await build({ root: folder, configFile, logLevel: 'error', build: { outDir: made } });
  if (isUpToDate(built)) rmSync(made, { recursive: true });
  else replaceFolder(built, made);
}

/** The page speaks by words and shapes of `core`, too. */
function isUpToDate(built: string): boolean {
  const page = join(built, 'index.html');
  return existsSync(page) && statSync(page).mtimeMs > Math.max(...[...pageSources, 'core'].map(newestMs));
}

/** As a whole: who is killed leaves the old one or none, never a part, and two who make it at once do not mix theirs. */
export function replaceFolder(folder: string, made: string): void {
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(made, folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    rmSync(made, { recursive: true });
  }
}

/** When a file, or the newest one in a folder, was written. */
export function newestMs(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), 0);
}
