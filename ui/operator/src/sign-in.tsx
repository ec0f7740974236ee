import { useState } from 'preact/hooks';
import type { Client } from './client.ts';

export function SignIn({ client, onDone }: { readonly client: Client; readonly onDone: () => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    try {
      await client.signIn(String(form.get('user')), String(form.get('password')));
      onDone();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <main class="notice">
      <h1>Factory Twin</h1>
      <form onSubmit={submit}>
        <label>
          User
          <input name="user" autocomplete="username" autocapitalize="none" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <button type="submit" disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {client.config.hint !== undefined && <p class="quiet">{client.config.hint}</p>}
    </main>
  );
}
