import { describe, expect, it } from 'vitest';
import { resolveReferences } from '../../../local/template/dynamic-references.ts';

const secrets: Readonly<Record<string, string>> = {
  'cmms-key': 'geheim',
  'arn:aws:secretsmanager:us-east-1:000000000000:secret:cmms-a1b2c3': '{"token":"t","port":443}',
};
const read = (id: string): string => {
  const secret = secrets[id];
  if (secret === undefined) throw new Error(`there is no secret ${id}`);
  return secret;
};
const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:cmms-a1b2c3';

describe('a reference to a secret', () => {
  it.each([
    ['{{resolve:secretsmanager:cmms-key}}', 'geheim'],
    ['{{resolve:secretsmanager:cmms-key:SecretString:::}}', 'geheim'],
    [`{{resolve:secretsmanager:${arn}:SecretString:token::}}`, 't'],
    [`Bearer {{resolve:secretsmanager:${arn}:SecretString:token}}!`, 'Bearer t!'],
    [`{{resolve:secretsmanager:${arn}:SecretString:port::}}`, '443'],
  ])('%s', (reference, value) => {
    expect(resolveReferences({ Deep: [{ Key: reference }], n: 1 }, read)).toEqual({ Deep: [{ Key: value }], n: 1 });
  });

  it.each([
    ['{{resolve:secretsmanager:nothing}}', 'there is no secret nothing'],
    [`{{resolve:secretsmanager:${arn}:SecretString:user::}}`, 'no JSON with a field "user"'],
    ['{{resolve:secretsmanager:cmms-key:SecretString:user::}}', 'no JSON with a field "user"'],
    ['{{resolve:ssm:/plant/key}}', 'modelled are references to secretsmanager'],
  ])('%s stops the start', (reference, says) => {
    expect(() => resolveReferences(reference, read)).toThrow(says);
  });
});
