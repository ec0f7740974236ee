import { createHash } from 'node:crypto';
import { type Caller, owner } from '../engine.ts';

/** An access key for each role: how the endpoint knows who calls. The signature itself proves nothing on loopback. */
export interface Credentials {
  issue(roleArn: string): { readonly accessKeyId: string; readonly secretAccessKey: string };
  find(accessKeyId: string): Caller | undefined;
}

/** What a person's command line uses: the owner of this account. */
export const ownerKeyId = 'AKIALOCALOWNER000000';

export function createCredentials(): Credentials {
  const callers = new Map<string, Caller>([[ownerKeyId, owner]]);
  return {
    issue: (roleArn) => {
      const digest = createHash('sha256').update(roleArn).digest('hex').toUpperCase();
      const accessKeyId = `AKIA${digest.slice(0, 16)}`;
      callers.set(accessKeyId, { kind: 'role', arn: roleArn });
      return { accessKeyId, secretAccessKey: digest.slice(0, 40) };
    },
    find: (accessKeyId) => callers.get(accessKeyId),
  };
}
