import { Stack } from 'aws-cdk-lib';
import type { CfnUserPoolClient, UserPool, UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';

export interface HostedSignInProps {
  readonly stage: Stage;
  readonly pool: UserPool;
  readonly client: UserPoolClient;
}

/** A token that says who it is for, and the groups that a user pool puts in it anyway. */
export const signInScope = 'openid';

/**
 * The user pool's own page for signing in, where a first password is changed and a second factor asked for; the operator
 * page gets its token by code and PKCE.
 */
export class HostedSignIn extends Construct {
  /** As the page reads it from config.json. */
  readonly config: Readonly<Record<'authorizeUrl' | 'tokenUrl' | 'logoutUrl' | 'clientId' | 'scope', string>>;
  readonly origin: string;
  private readonly client: CfnUserPoolClient;

  constructor(construct: Construct, id: string, { stage, pool, client }: HostedSignInProps) {
    super(construct, id);
    // A prefix is unique in its region, over all accounts.
    const domainPrefix = `factory-twin-${stage.name}-${Stack.of(this).account}`;
    this.origin = pool.addDomain('SignIn', { cognitoDomain: { domainPrefix } }).baseUrl();
    this.client = client.node.defaultChild as CfnUserPoolClient;
    this.config = {
      authorizeUrl: `${this.origin}/oauth2/authorize`,
      tokenUrl: `${this.origin}/oauth2/token`,
      logoutUrl: `${this.origin}/logout`,
      clientId: client.userPoolClientId,
      scope: signInScope,
    };
  }

  /** Where a person goes back to. Known only after the page that is told where to sign in, hence not in the constructor. */
  comeBackTo(pageUrl: string): void {
    const { client } = this;
    client.allowedOAuthFlowsUserPoolClient = true;
    client.allowedOAuthFlows = ['code'];
    client.allowedOAuthScopes = [signInScope];
    client.callbackUrLs = [`${pageUrl}/`];
    client.logoutUrLs = [`${pageUrl}/`];
    client.supportedIdentityProviders = ['COGNITO'];
  }
}
