import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Operations } from '../local/operations.ts';

/** Everything that a run has written below a folder. */
const readFilesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));

/** A secret is whole, or one of the values that its JSON holds. One that was made by chance may begin with a brace. */
function partsOf(secret: string): readonly string[] {
  try {
    return [secret, ...Object.values(JSON.parse(secret) as Record<string, string>)];
  } catch {
    return [secret];
  }
}

/** Neither secrets nor task tokens are in a log, an event, an environment, a mail, or in what the laptop tells. */
export function expectNoSecretTold(test: Operations): void {
  const tokens = test.laptop.states.listExecutions().flatMap(({ token }) => (token === null ? [] : [token]));
  const secrets = readFilesBelow(join(test.folder, 'data', 'secrets')).flatMap(partsOf);
  expect(secrets.length).toBeGreaterThan(2);
  const logs = readFilesBelow(join(test.folder, 'data', 'logs'));
  expect(logs.length).toBeGreaterThan(2);
  const environments = test.laptop.lambda.listFunctions().map(({ settings }) => JSON.stringify(settings.environment));
  const open = [...logs, ...environments, JSON.stringify(test.events), ...test.mails(), ...test.told];
  for (const secret of [...secrets, ...tokens].filter((text) => text.length > shortest))
    expect(open.filter((text) => text.includes(secret))).toEqual([]);
}

/** Shorter ones are no secrets: `none`, the name of a header, a chat's id. */
const shortest = 12;
