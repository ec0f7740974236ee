import { createHash } from 'node:crypto';
import type { BrowserContext, Page, WebSocketRoute } from 'playwright-core';

/** As RFC 7636 has it: the code is redeemed by the verifier whose hash came with the question for it, and by no other. */
export async function standInForIssuer(context: BrowserContext, page: Page, pageUrl: string) {
  const token = await page.evaluate<string>("sessionStorage.getItem('factory-twin-token')");
  const issuer = 'https://login.example.org';
  const redeemed: string[] = [];
  let challenge = '';
  await context.route('**/config.json', async (route) => {
    const { signIn: _, ...config } = (await (await route.fetch()).json()) as Record<string, unknown>;
    const hosted = { authorizeUrl: `${issuer}/authorize`, tokenUrl: '/token', clientId: 'page', scope: 'openid' };
    await route.fulfill({ json: { ...config, hosted } });
  });
  await context.route(`${issuer}/authorize?**`, (route) => {
    const asked = new URL(route.request().url()).searchParams;
    challenge = asked.get('code_challenge') ?? '';
    const back = new URLSearchParams({ code: 'the code', state: asked.get('state') ?? '' });
    return route.fulfill({ status: 302, headers: { location: `${asked.get('redirect_uri')}?${back}` } });
  });
  await context.route(`${pageUrl}/token`, (route) => {
    const asked = new URLSearchParams(route.request().postData() ?? '');
    const hash = createHash('sha256')
      .update(asked.get('code_verifier') ?? '')
      .digest('base64url');
    if (hash !== challenge) return route.fulfill({ status: 400, json: { error: 'invalid_grant' } });
    redeemed.push(asked.get('code') ?? '');
    return route.fulfill({ json: { access_token: token } });
  });
  return { redeemed };
}

/** What a browser that is offline does not do by itself: let go of its open WebSockets. */
export async function plugIn(context: BrowserContext) {
  const sockets = new Set<WebSocketRoute>();
  let isPlugged = true;
  await context.routeWebSocket(/./, (socket) => {
    if (!isPlugged) return void socket.close();
    socket.connectToServer();
    sockets.add(socket);
  });
  return {
    pull: async (page: Page): Promise<void> => {
      isPlugged = false;
      await context.setOffline(true);
      await page.waitForFunction('!navigator.onLine');
      await Promise.all([...sockets].map((socket) => socket.close()));
    },
    plug: async (): Promise<void> => {
      isPlugged = true;
      await context.setOffline(false);
    },
  };
}
