/**
 * What a browser finds at the endpoint: the HTTP API, signing in, and the operator page with its settings. On AWS the
 * page lies on S3 behind CloudFront, and the three have addresses of their own that the same settings file names. A stage
 * that has such a distribution is served by it; for the others the laptop serves the page itself.
 */
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import type { AppSyncEngine } from '../appsync/appsync.ts';
import type { CustomResourceEngine } from '../cloudformation/custom-resources.ts';
import type { CloudFrontEngine } from '../cloudfront/cloudfront.ts';
import { describeUsers, type UserPoolEngine } from '../cognito/user-pool.ts';
import { type Cloud, type Json, owner, ServiceError } from '../engine.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { answerMailbox } from '../mailbox/page.ts';
import { createTeaching } from '../teaching/answer.ts';
import { contentTypeOf } from '../wire/content-types.ts';
import type { WireRequest, WireResponse } from '../wire/request.ts';
import type { HttpApiEngine } from './http-api.ts';
import type { WebSocketEngine } from './web-socket-api.ts';

export interface FrontDoorParts {
  readonly cloud: Cloud;
  readonly httpApis: HttpApiEngine;
  readonly webSockets: WebSocketEngine;
  readonly appSync: AppSyncEngine;
  readonly userPools: UserPoolEngine;
  readonly mailbox: Mailbox;
  readonly cloudFront: CloudFrontEngine;
  readonly customResources: CustomResourceEngine;
  /** Where vite put the page. */
  readonly pageFolder: string;
}

/** As CloudFront sends them: the page runs its own code and nothing else. */
const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const refreshEveryMs = 1000;

/** Requests that no SDK made come here. */
export function createFrontDoor(parts: FrontDoorParts): (request: WireRequest) => Promise<WireResponse> {
  const teach = createTeaching();
  return async (request) => {
    const answered =
      (await parts.appSync.answer(request)) ??
      (await parts.httpApis.answer(request)) ??
      parts.userPools.answer(request) ??
      parts.customResources.answer(request) ??
      answerMailbox(parts.mailbox, request) ??
      teach(request) ??
      (await parts.cloudFront.answer(request));
    if (answered !== undefined) return answered;
    if (request.path === '/config.json') return json(describePage(parts));
    if (request.path === '/sign-in' && request.method === 'POST') return signIn(parts.cloud, request);
    return findPage(parts.pageFolder, request) ?? json({ message: 'Not Found' }, 404);
  };
}

/** What is signed for a route of an HTTP API is its gateway's to judge; connections have a management API of their own. */
export function isForAws({ headers, path }: WireRequest): boolean {
  const authorization = headers.authorization ?? '';
  if (/^AWS4-.*\/execute-api\/aws4_request/.test(authorization)) return /\/(?:@|%40)connections\//.test(path);
  return authorization.startsWith('AWS4-') || (headers['x-amz-target'] !== undefined && path !== '/sign-in');
}

const describePage = ({ userPools, webSockets }: FrontDoorParts): Json => ({
  api: '',
  signIn: '/sign-in',
  clientId: userPools.listClientIds()[0] ?? null,
  hint: describeUsers(userPools.listUsers()),
  refreshEveryMs,
  liveUrl: webSockets.listUrls()[0] ?? null,
});

/** Cognito's InitiateAuth, as the SDK or a browser sends it. */
async function signIn(cloud: Cloud, request: WireRequest): Promise<WireResponse> {
  try {
    return json(await cloud.call('cognito-idp', 'InitiateAuth', JSON.parse(request.body.toString()) as Json, owner));
  } catch (error) {
    const { name, message } =
      error instanceof ServiceError ? error : { name: 'InvalidParameterException', message: 'not JSON' };
    return json({ __type: name, message }, 400);
  }
}

/** A path without a file is a view of the page. */
function findPage(folder: string, { path, method }: WireRequest): WireResponse | undefined {
  if ((method !== 'GET' && method !== 'HEAD') || path.startsWith('/api/')) return undefined;
  const wanted = join(folder, normalize(`/${path}`));
  const isFile = extname(path) !== '';
  const file = isFile ? wanted : join(folder, 'index.html');
  if (!existsSync(file)) return undefined;
  const caching = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  return {
    statusCode: 200,
    headers: { ...pageHeaders, 'content-type': contentTypeOf(file), 'cache-control': caching },
    body: readFileSync(file),
  };
}

const json = (value: unknown, statusCode = 200): WireResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
});
