import { deskOperations } from '../../core/api/desk.ts';
import { createServer, type ServerDeps } from '../http/server.ts';
import { type DeskDeps, deskCalls } from './calls.ts';

/** The calls by which people deal with incidents. */
export const createDeskHandler = (deps: DeskDeps & ServerDeps) =>
  createServer<DeskDeps & ServerDeps>({ operations: deskOperations, calls: deskCalls }, deps);
