/** The pages of the hosted sign-in. */
import { plainPage } from '../wire/plain-page.ts';
import { escapeXml, type WireResponse } from '../wire/request.ts';

const style = `
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
  const content = `${alert}${form}<p>${escapeXml(hint)}</p>`;
  return plainPage({ title: 'Sign in', style, content }, problem === null ? 200 : 400);
}

export function showProblem(says: string): WireResponse {
  const content = `<p role="alert">${escapeXml(says)}</p>`;
  return plainPage({ title: 'An error was encountered with the requested page', style, content }, 400);
}
