import { useState } from 'preact/hooks';
import { Problem } from '../problem.tsx';
import { describeFailure } from './call-failed.ts';
import type { Client } from './client.ts';
import { hostOf, leaveForSignIn } from './hosted-sign-in.ts';

interface Props {
  readonly client: Client;
  /** Null for who comes, or left. */
  readonly why: string | null;
  readonly onDone: () => void;
}

export function SignIn({ client, why, onDone }: Props) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { hosted, hint } = client.config;
  const attempt = async (what: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await what();
    } catch (error) {
      setProblem(describeFailure(error));
    }
    setBusy(false);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    void attempt(async () => {
      await client.signIn(String(form.get('user')), String(form.get('password')));
      onDone();
    });
  };
  return (
    <main class="notice panel">
      <h1>Factory Twin</h1>
      {why !== null && <p role="status">{why}</p>}
      {client.config.signIn !== undefined && <PasswordForm isBusy={isBusy} onSubmit={submit} />}
      {hosted !== undefined && (
        <p>
          <button
            type="button"
            class={client.config.signIn === undefined ? 'primary' : ''}
            disabled={isBusy}
            onClick={() => attempt(() => leaveForSignIn(hosted))}
          >
            Sign in at {hostOf(hosted)}
          </button>
        </p>
      )}
      <Problem text={problem} />
      {hint !== undefined && <p class="quiet small">{hint}</p>}
    </main>
  );
}

interface FormProps {
  readonly isBusy: boolean;
  readonly onSubmit: (event: SubmitEvent) => void;
}

function PasswordForm({ isBusy, onSubmit }: FormProps) {
  return (
    <form onSubmit={onSubmit}>
      <label>
        User
        <input name="user" autocomplete="username" autocapitalize="none" required />
      </label>
      <label>
        Password
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      <button type="submit" class="primary" disabled={isBusy}>
        {isBusy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  );
}
