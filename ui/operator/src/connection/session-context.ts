import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Client } from './client.ts';

interface SignedIn {
  readonly client: Client;
  readonly signOut: () => void;
}

export const Session = createContext<SignedIn | null>(null);

export function useSession(): SignedIn {
  const session = useContext(Session);
  if (session === null) throw new Error('nobody is signed in here');
  return session;
}

export const useClient = (): Client => useSession().client;
