import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerCloudFormation } from '../../../lambdas/adapters/cloudformation-answer.ts';
import { GrafanaHttpApi } from '../../../lambdas/adapters/grafana-http-api.ts';

let server: Server;
let url: string;
let heard: { readonly request: IncomingMessage; readonly body: string }[];
/** What the server does, call by call: hang up, or answer with a status. */
let replies: ('hang up' | number)[];

beforeEach(async () => {
  heard = [];
  replies = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    heard.push({ request, body });
    const reply = replies.shift() ?? 200;
    if (reply === 'hang up') request.socket.destroy();
    else response.writeHead(reply).end('busy');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
});

describe('the answer to CloudFormation', () => {
  it('is put without a content type, which is not in the signature of the address', async () => {
    await answerCloudFormation(`${url}/signed?X-Amz-Signature=1`, { Status: 'SUCCESS' });
    const [{ request, body }] = heard as [(typeof heard)[number]];
    expect([request.method, request.url, request.headers['content-type'] ?? '']).toEqual([
      'PUT',
      '/signed?X-Amz-Signature=1',
      '',
    ]);
    expect(JSON.parse(body)).toEqual({ Status: 'SUCCESS' });
  });

  it('is put again when the connection breaks, and a refusal is an error', async () => {
    replies = ['hang up'];
    await answerCloudFormation(url, {});
    expect(heard).toHaveLength(2);
    replies = [403];
    await expect(answerCloudFormation(url, {})).rejects.toThrow('answered 403');
  });
});

describe('Grafana’s HTTP API', () => {
  it('is asked once more where the connection breaks, and not a third time', async () => {
    const api = new GrafanaHttpApi({ url, token: 't', waitMs: async () => undefined });
    replies = ['hang up', 200];
    expect(await api.call('GET', '/api/folders/x')).toMatchObject({ status: 200 });
    replies = ['hang up', 'hang up'];
    await expect(api.call('GET', '/api/folders/x')).rejects.toThrow();
    expect(heard).toHaveLength(4);
  });

  it('gives what stands between, like a proxy’s prose, as a message', async () => {
    replies = [403];
    const api = new GrafanaHttpApi({ url, token: 't', waitMs: async () => undefined });
    expect(await api.call('POST', '/api/folders', {})).toEqual({ status: 403, body: { message: 'busy' } });
  });
});
