import type { IncomingHttpHeaders } from 'node:http';

/** A request of either HTTP version, read whole. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface WireResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export const json = (value: unknown, statusCode = 200): WireResponse => jsonText(JSON.stringify(value), statusCode);

export const jsonText = (body: string, statusCode = 200): WireResponse => ({
  statusCode,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body,
});

export const xml = (body: string, statusCode = 200, headers: Readonly<Record<string, string>> = {}): WireResponse => ({
  statusCode,
  headers: { 'content-type': 'text/xml', ...headers },
  body,
});

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
