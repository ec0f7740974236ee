import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { owner } from '../../local/engine.ts';
import { type Operations, openOperations } from '../local/operations.ts';
import { runAsNpm } from './as-npm.ts';

/** Every command of the runbook, in its order, against a laptop on which an incident and a work order stand. */
const sections = readFileSync('docs/runbook.md', 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((text) => {
    const commands = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'));
    return { title: text.split('\n')[0]!, commands: [...new Set(commands)] };
  });
/** A laptop has no account to be asked (test/bin/preflight.test.ts does), and no maintenance system beside it. */
const isForAws = (command: string): boolean => command.startsWith('npm run preflight') || command.endsWith(' cmms');

describe('the runbook', () => {
  let test: Operations;
  const variables: Record<string, string> = { SITE: 'Kiel', ...moments() };
  const receiver = createServer((_, response) => response.writeHead(204).end());
  beforeAll(async () => {
    test = await openOperations();
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
    const SecretString = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const secret = { SecretId: 'factory-local-channel-webhook', SecretString };
    await test.laptop.cloud.call('secretsmanager', 'PutSecretValue', secret, owner);
    await test.observe({ machineId: 'PUMP-001', decision: 'human_review' });
    await test.observe({ machineId: 'PUMP-002' });
    const find = (wanted: string, pattern: RegExp): string =>
      pattern.exec(test.mails().find((mail) => mail.includes(wanted)) ?? '')?.[1] ?? '';
    await test.until(() => expect(find('PUMP-001', /Incident id: (\S+),/)).not.toBe(''));
    await test.until(() => expect(find('Please decide', /Work order: (\S+)/)).not.toBe(''));
    variables.INCIDENT = find('PUMP-001', /Incident id: (\S+),/);
    variables.ORDER = find('Please decide', /Work order: (\S+)/);
  });
  afterAll(async () => {
    await test?.stop();
    await new Promise((done) => receiver.close(done));
  });

  it('has a command in every section', () => {
    expect(sections.filter(({ commands }) => commands.length === 0).map(({ title }) => title)).toEqual([]);
  });

  it('refuses a mistyped site, which would look like one where all is well', async () => {
    const entry = { machineId: 'PUMP-009', machineType: 'centrifugal-pump', name: 'Pump 9', site: 'Kiel', line: 'A' };
    const file = join(mkdtempSync(join(tmpdir(), 'registry-')), 'machines.json');
    writeFileSync(file, JSON.stringify([entry]));
    const run = (command: string) => runAsNpm(command, process.env as Record<string, string>);
    expect(await run(`npm run registry -- local import ${file}`)).toMatchObject({ code: 0 });
    for (const question of ['list', 'schedule', 'labels'])
      expect(await run(`npm run desk -- local ${question} kiel`), question).toMatchObject({
        code: 2,
        stderr: 'desk: site: got "kiel", allowed are Kiel\n',
      });
    rmSync(dirname(file), { recursive: true });
  });

  it('says nothing that does not run', async () => {
    const commands = [...new Set(sections.flatMap((section) => section.commands))].filter((line) => !isForAws(line));
    const plain = commands.filter((line) => !line.includes('desk --'));
    const failures: string[] = [];
    const note = async (line: string): Promise<void> => {
      const { code, stderr } = await runAsNpm(line.replace(' -- dev ', ' -- local '), {
        ...process.env,
        ...variables,
      } as Record<string, string>);
      if (code !== 0 || /\n\s+at /.test(stderr)) failures.push(`${line}: ${code} ${stderr}`);
    };
    // What only looks runs side by side; what people do to one incident goes in the page's order.
    for (let i = 0; i < plain.length; i += 4) await Promise.all(plain.slice(i, i + 4).map(note));
    for (const line of commands.filter((one) => one.includes('desk --'))) await note(line);
    expect(failures).toEqual([]);
    const { INCIDENT = '', ORDER = '' } = variables;
    expect(await test.desk.show(INCIDENT)).toMatchObject({ ok: true, value: { incident: { state: 'closed' } } });
    expect((await test.desk.schedule('Kiel')).costs.done, ORDER).toBe(1);
  }, 90_000);
});

function moments() {
  const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
  return { NOW: at(0), YESTERDAY: at(-86_400_000), TOMORROW: at(86_400_000) };
}
