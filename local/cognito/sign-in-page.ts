/** The pages of the hosted sign-in: they run no code and load nothing. */
import { escapeXml, type WireResponse } from '../wire/request.ts';

const headers: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  main { max-width: 22rem; margin: 10vh auto; padding: 1rem; }
  label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
  input, button { padding: .5rem; margin: .25rem 0 1rem; }
  [role=alert] { font-weight: 600; }`;

/** The form goes where the page came from: its address holds what the client asks. */
export function showSignIn(hint: string, problem: string | null = null): WireResponse {
  const alert = problem === null ? '' : `<p role="alert">${escapeXml(problem)}</p>`;
  const form = `<form method="post">
<label>User <input name="username" autocomplete="username" autocapitalize="none" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit">Sign in</button></form>`;
  return page('Sign in', `${alert}${form}<p>${escapeXml(hint)}</p>`, problem === null ? 200 : 400);
}

export const showProblem = (says: string): WireResponse =>
  page('An error was encountered with the requested page', `<p role="alert">${escapeXml(says)}</p>`, 400);

function page(title: string, content: string, statusCode: number): WireResponse {
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width"><style>${style}</style></head>
<body><main><h1>${title}</h1>
${content}
</main></body></html>`;
  return { statusCode, headers, body };
}
