import { describe, expect, it } from 'vitest';
import { describeCall, readReply } from '../../../local/apigateway/lambda-proxy.ts';
import { openSurroundings } from '../surroundings.ts';

const receive = (contentType: string | undefined, body: string) => {
  const { cloud, remove } = openSurroundings(0);
  remove();
  const headers = contentType === undefined ? {} : { 'content-type': contentType };
  const request = { method: 'POST', path: '/', query: new URLSearchParams(), headers, body: Buffer.from(body) };
  const match = { route: { routeKey: '$default', value: null }, parameters: {} };
  return describeCall({ cloud, api: { id: 'a' }, request, match, authorizer: null, requestId: 'r' });
};

describe('a request to a function', () => {
  it.each(['application/json', 'Application/JSON; charset=utf-8', 'text/plain', 'application/xml'])(
    'comes as text where it is of the type %s',
    (type) => {
      expect(receive(type, '{"note":"größer"}')).toMatchObject({ body: '{"note":"größer"}', isBase64Encoded: false });
    },
  );

  it.each(['application/x-www-form-urlencoded', 'application/octet-stream', 'application/jsonp', undefined])(
    'comes in base64 where it is of the type %s',
    (type) => {
      expect(receive(type, 'a=1')).toMatchObject({ body: 'YT0x', isBase64Encoded: true });
    },
  );

  it('has no body where none was sent', () => {
    const event = receive('application/json', '');
    expect(event).toMatchObject({ isBase64Encoded: false });
    expect(event).not.toHaveProperty('body');
  });
});

describe('the answer of a function', () => {
  const read = (value: unknown) => readReply({ Payload: JSON.stringify(value) });

  it('is a body by itself where it has no status', () => {
    expect(read('well')).toMatchObject({ statusCode: 200, body: 'well' });
    expect(read({ ok: true })).toMatchObject({ statusCode: 200, body: '{"ok":true}' });
  });

  it('is refused where it sets cookies, which would be lost', () => {
    expect(() => read({ statusCode: 200, cookies: ['a=b'] })).toThrow('cookies in the answer of a function');
  });
});
