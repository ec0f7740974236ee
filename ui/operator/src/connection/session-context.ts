import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { mayActAs } from '../../../../core/api/roles.ts';
import type { Client } from './client.ts';

interface SignedIn {
  readonly client: Client;
  /** The reason is told to who did not ask for it. */
  readonly signOut: (why: string | null) => void;
}

export const Session = createContext<SignedIn | null>(null);

export function useSession(): SignedIn {
  const session = useContext(Session);
  if (session === null) throw new Error('nobody is signed in here');
  return session;
}

export const useClient = (): Client => useSession().client;

/** Who is known to look on is offered nothing that the API would refuse; a token that tells no role leaves it to the API. */
export function useMayAct(): boolean {
  const { role } = useClient().person;
  return role === null || mayActAs(role, 'operator');
}
