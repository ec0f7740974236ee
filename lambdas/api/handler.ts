import { operations } from '../../core/api/operations.ts';
import { createServer, type ServerDeps } from '../http/server.ts';
import { type CallDeps, calls } from './calls.ts';

/** The calls that look at twins. */
export const createApiHandler = (deps: CallDeps & ServerDeps) =>
  createServer<CallDeps & ServerDeps>({ operations, calls }, deps);
