import { createHash } from 'node:crypto';
import { type Caller, owner } from '../engine.ts';

/** An access key for each role: how the endpoint knows who calls. Only an API's own IAM routes look at the signature. */
export interface Credentials {
  issue(roleArn: string): { readonly accessKeyId: string; readonly secretAccessKey: string };
  find(accessKeyId: string): Caller | undefined;
  findSecret(accessKeyId: string): string | undefined;
}

/** What a person's command line uses: the owner of this account. */
export const ownerKeyId = 'AKIALOCALOWNER000000';
export const ownerSecret = 'laptop';

export function createCredentials(): Credentials {
  const callers = new Map<string, Caller>([[ownerKeyId, owner]]);
  const secrets = new Map<string, string>([[ownerKeyId, ownerSecret]]);
  return {
    issue: (roleArn) => {
      const digest = createHash('sha256').update(roleArn).digest('hex').toUpperCase();
      const accessKeyId = `AKIA${digest.slice(0, 16)}`;
      const secretAccessKey = digest.slice(0, 40);
      callers.set(accessKeyId, { kind: 'role', arn: roleArn });
      secrets.set(accessKeyId, secretAccessKey);
      return { accessKeyId, secretAccessKey };
    },
    find: (accessKeyId) => callers.get(accessKeyId),
    findSecret: (accessKeyId) => secrets.get(accessKeyId),
  };
}
