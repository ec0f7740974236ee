import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { CfnUserPoolGroup, Mfa, UserPool, type UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { roles } from '../../core/api/roles.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import { removalPolicyOf } from './stage-defaults.ts';

/** A shift: nobody signs in twice in one, and a lost tablet is shut out by the next. */
const sessionHours = 12;

/** Who may call the API: the stage's own issuer, or a user pool with a group for each role. */
export class ApiTokens extends Construct {
  readonly issuer: string;
  /** Where it can be asked what it signs with. */
  readonly issuerUrl: string;
  readonly audience: string[];
  readonly roleClaim: string;
  /** Null where the stage has an issuer of its own. */
  readonly users: { readonly pool: UserPool; readonly client: UserPoolClient } | null;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    const { tokens } = props.stage;
    if (tokens === undefined) {
      this.users = this.createPool(props.stage);
      const { pool, client } = this.users;
      this.issuer = `https://cognito-idp.${Stack.of(this).region}.amazonaws.com/${pool.userPoolId}`;
      this.issuerUrl = pool.userPoolProviderUrl;
      this.audience = [client.userPoolClientId];
      this.roleClaim = 'cognito:groups';
    } else {
      this.users = null;
      this.issuer = tokens.issuer;
      this.issuerUrl = tokens.issuer;
      this.audience = tokens.audience;
      this.roleClaim = tokens.roleClaim;
    }
  }

  private createPool(stage: Stage): { readonly pool: UserPool; readonly client: UserPoolClient } {
    const pool = new UserPool(this, 'Users', {
      selfSignUpEnabled: false,
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      removalPolicy: removalPolicyOf(stage),
    });
    for (const role of roles) new CfnUserPoolGroup(this, role, { userPoolId: pool.userPoolId, groupName: role });
    const client = pool.addClient('Page', {
      authFlows: { userPassword: true },
      disableOAuth: true,
      preventUserExistenceErrors: true,
      accessTokenValidity: Duration.hours(sessionHours),
      idTokenValidity: Duration.hours(sessionHours),
    });
    acknowledge(pool, 'COG2', 'Each person chooses a second factor; machines on the floor have no phone at hand.');
    acknowledge(pool, 'COG3', 'Threat protection needs the Plus plan, priced by user; accounts are made by the plant.');
    acknowledge(pool, 'COG8', 'Threat protection needs the Plus plan, priced by user; accounts are made by the plant.');
    new CfnOutput(this, 'UserPoolId', { value: pool.userPoolId });
    new CfnOutput(this, 'ClientId', { value: client.userPoolClientId });
    return { pool, client };
  }
}
