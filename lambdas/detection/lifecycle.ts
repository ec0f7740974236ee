import { failure, type Result, success } from '../../core/result.ts';
import type { Rejection } from '../../core/telemetry/parse.ts';

/** What happened to a machine other than its work: a repair, a new tool, a lost connection. */
export interface LifecycleEvent {
  readonly event: string;
  /** Null means the whole machine. */
  readonly component: string | null;
  /** Which of several: the tool of the magazine that was changed. Null means all of them. */
  readonly part: string | null;
  readonly report: Readonly<Record<string, unknown>>;
}

type Json = Readonly<Record<string, unknown>>;

/** After these the component is another one: what the twin learned of the old says nothing of it. */
const renewing: ReadonlySet<string> = new Set(['maintenance_done', 'tool_change']);

export const isRenewing = (lifecycle: LifecycleEvent): boolean => renewing.has(lifecycle.event);

/** What a repair may be told twice under: its work order and what was renewed; null where no work order is named, or nothing was. */
export function keyOf(lifecycle: LifecycleEvent): string | null {
  const { event, component, part, report } = lifecycle;
  const { work_order: workOrder } = report;
  if (!isRenewing(lifecycle) || typeof workOrder !== 'string') return null;
  return JSON.stringify([workOrder, event, component, part]);
}

const mostPartLength = 64;
const namePattern = /^[a-z][a-z0-9_-]{0,63}$/;

export function parseLifecycle(payload: Json): Result<LifecycleEvent, Rejection> {
  const { event, component = null, part = null } = payload;
  if (typeof event !== 'string' || !namePattern.test(event)) {
    return refuse(`event: got ${JSON.stringify(event) ?? 'nothing'}, allowed is a name like "maintenance_done"`);
  }
  if (component !== null && (typeof component !== 'string' || !namePattern.test(component))) {
    return refuse(`component: got ${JSON.stringify(component)}, allowed is a component's name or null`);
  }
  if (part !== null && (typeof part !== 'string' || part.length === 0 || part.length > mostPartLength)) {
    return refuse(`part: got ${JSON.stringify(part)}, allowed is the name of a part, like "T3", or null`);
  }
  return success({ event, component, part, report: payload });
}

const refuse = (message: string): Result<never, Rejection> => failure({ reason: 'bad_value', message });
