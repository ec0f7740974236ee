import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { enrollFleet } from '../../local/command/enroll-fleet.ts';
import { ensureAssembly } from '../../local/command/synth.ts';
import { type Laptop, startLaptop } from '../../local/laptop.ts';

/** Kept between runs; made anew when a source is newer. */
export const assemblyFolder = 'node_modules/.cache/laptop-assembly';

const lockFile = `${assemblyFolder}.lock`;

/** Test files run side by side and share one synthesis: the first makes it, the others wait. */
export async function synthesise(): Promise<void> {
  mkdirSync(dirname(assemblyFolder), { recursive: true });
  while (!takeLock()) await sleep(50);
  try {
    await ensureAssembly(assemblyFolder, 'local', () => undefined);
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function takeLock(): boolean {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!isHeld()) rmSync(lockFile, { force: true });
    return false;
  }
}

/** A run that was killed leaves its lock behind. */
function isHeld(): boolean {
  try {
    process.kill(Number(readFileSync(lockFile, 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

export interface TestLaptop {
  readonly laptop: Laptop;
  readonly folder: string;
  readonly told: readonly string[];
  stop(): Promise<void>;
}

/** Changes a copy of the templates, as a mistake in the stacks would. */
export type Spoil = (template: string) => string;

export async function openLaptop(
  spoil?: Spoil,
  folder = mkdtempSync(join(tmpdir(), 'laptop-')),
  assembly = assemblyFolder,
): Promise<TestLaptop> {
  const told: string[] = [];
  try {
    const laptop = await startLaptop({
      assemblyFolder: spoil === undefined ? resolve(assembly) : spoilAssembly(assembly, join(folder, 'cdk.out'), spoil),
      dataFolder: join(folder, 'data'),
      port: 0,
      mqttPort: 0,
      tell: (source, message) => told.push(`${source}: ${message}`),
    });
    const stop = async (): Promise<void> => {
      await laptop.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    return { laptop, folder, told, stop };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function spoilAssembly(assembly: string, folder: string, spoil: Spoil): string {
  cpSync(assembly, folder, { recursive: true });
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.template.json'))) {
    writeFileSync(join(folder, name), spoil(readFileSync(join(folder, name), 'utf8')));
  }
  return folder;
}

/** Enrols machines; gives what an MQTT client of each needs. */
export async function enroll(test: TestLaptop, machines: Readonly<Record<string, string>>) {
  const credentials = join(test.folder, 'credentials');
  const fleet = Object.entries(machines).map(([machineId, machineType]) => ({ machineId, machineType }));
  await enrollFleet(test.laptop, fleet, credentials);
  const read = (...path: string[]): string => readFileSync(join(credentials, ...path), 'utf8');
  return (machineId: string) => ({
    url: `mqtts://localhost:${test.laptop.iot.port()}`,
    options: {
      clientId: machineId,
      ca: read('ca.pem'),
      cert: read(machineId, 'cert.pem'),
      key: read(machineId, 'private.key'),
      reconnectPeriod: 0,
    },
  });
}
