/** STS: who one is. */
import type { Caller, Cloud, Engine, Json } from '../engine.ts';

export const createSts = ({ accountId }: Pick<Cloud, 'accountId'>): Engine => ({
  name: 'sts',
  resources: {},
  // No permission is needed for it (API reference, GetCallerIdentity).
  operations: {
    GetCallerIdentity: { members: [], access: () => [], run: (_, caller) => describe(accountId, caller) },
  },
});

/** A role's session has the name of the function on AWS; here keys are a role's, whoever has them. */
const session = 'laptop';

function describe(Account: string, caller: Caller): Json {
  if (caller.kind !== 'role') return { UserId: Account, Account, Arn: `arn:aws:iam::${Account}:root` };
  const role = caller.arn.slice(caller.arn.lastIndexOf('/') + 1);
  return { UserId: `${role}:${session}`, Account, Arn: `arn:aws:sts::${Account}:assumed-role/${role}/${session}` };
}
