import { readyPassword } from '../../../local/cognito/user-pool.ts';

/** Signs in as the page does; gives the access token. */
export async function signInAs(url: string, user: string, password = readyPassword): Promise<string> {
  const { clientId } = (await (await fetch(`${url}/config.json`)).json()) as { clientId: string };
  const response = await fetch(`${url}/sign-in`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: clientId,
      AuthParameters: { USERNAME: user, PASSWORD: password },
    }),
  });
  const body = (await response.json()) as { AuthenticationResult?: { AccessToken: string }; __type?: string };
  if (body.AuthenticationResult === undefined) throw new Error(body.__type);
  return body.AuthenticationResult.AccessToken;
}
