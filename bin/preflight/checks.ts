import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Stage } from '../../lib/stage.ts';
import { listAccountChecks } from './account-checks.ts';
import { listChannelChecks } from './channel-checks.ts';
import type { Connection } from './exists.ts';
import { type Check, fail, pass } from './finding.ts';
import { listNameChecks } from './name-checks.ts';

/** The first check: without it the others would only repeat its answer. */
export function checkCredentials(stage: Stage, connection: Connection): Check {
  return {
    name: 'credentials',
    run: async () => {
      const { Account, Arn } = await new STSClient(connection).send(new GetCallerIdentityCommand({}));
      if (stage.account !== undefined && stage.account !== Account) {
        const mend = 'choose the profile of the stage (AWS_PROFILE), or mend `account` in its parameters';
        return fail(`they open account ${Account}; stage ${stage.name} is for ${stage.account}`, mend);
      }
      return pass(`account ${Account} as ${Arn}`);
    },
  };
}

export function listChecks(stage: Stage, connection: Connection): readonly Check[] {
  return [
    ...listAccountChecks(stage, connection),
    ...listNameChecks(stage, connection),
    ...listChannelChecks(stage, connection),
  ];
}
