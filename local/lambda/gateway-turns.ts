import { createTurns, type Turns } from '../turns.ts';

/**
 * A gateway on AWS has a thousand invocations to spend, a laptop ten of a function: what would be throttled here and not
 * there waits instead, and leaves some to others. Three at once keep two cores busy; each further container takes 40 MB.
 */
const invocationsAtOnce = 3;

export const createGatewayTurns = (): Turns => createTurns(invocationsAtOnce);
