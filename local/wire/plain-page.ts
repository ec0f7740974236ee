import type { WireResponse } from './request.ts';

export interface PlainPage {
  readonly title: string;
  /** Beside what all of them have. */
  readonly style: string;
  /** HTML already. */
  readonly content: string;
  /** Asks for itself again. */
  readonly refreshS?: number;
}

const headers: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** A page of the laptop's own, which runs no code and loads nothing. */
export function plainPage({ title, style, content, refreshS }: PlainPage, statusCode = 200): WireResponse {
  const refresh = refreshS === undefined ? '' : `<meta http-equiv="refresh" content="${refreshS}">`;
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width">${refresh}<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }${style}</style></head>
<body><main><h1>${title}</h1>
${content}
</main></body></html>`;
  return { statusCode, headers, body };
}
