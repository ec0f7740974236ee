/** The live feed's language: what a client says over the WebSocket and what it hears. */
import { z } from 'zod';
import { machineIdSchema } from './parameters.ts';

export const topicKinds = ['site', 'machine', 'incidents'] as const;

/** What one may watch: a site's machines in brief, one machine's twin, a site's incidents that are not closed. */
export interface Topic {
  readonly kind: (typeof topicKinds)[number];
  /** The site, or the machine's id. */
  readonly name: string;
}

const topicRule = 'use site:<site>, machine:<machineId> or incidents:<site>';

export const topicSchema = z
  .string()
  .max(120)
  .refine((text) => readTopic(text) !== null, { message: topicRule });

export function readTopic(text: string): Topic | null {
  const at = text.indexOf(':');
  const kind = topicKinds.find((one) => one === text.slice(0, at));
  const name = text.slice(at + 1);
  if (kind === undefined || name === '' || name.length > 100) return null;
  return kind === 'machine' && !machineIdSchema.safeParse(name).success ? null : { kind, name };
}

const sequence = z.int().nonnegative();

/** The member `action` chooses the gateway's route: one for each of these, and `$default` for what is none. */
export const requestSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('subscribe'), topic: topicSchema }),
  z.strictObject({ action: z.literal('resume'), topic: topicSchema, since: sequence }),
  z.strictObject({ action: z.literal('unsubscribe'), topic: topicSchema }),
  z.strictObject({ action: z.literal('ping') }),
]);

export const requestActions = requestSchema.options.map((option) => option.shape.action.value);

/** More than a page shows at once; each one costs reading. */
export const mostTopics = 20;

const entry = z.record(z.string(), z.unknown());
const part = { part: z.int().min(1), parts: z.int().min(1), asOf: z.iso.datetime() };

export const frameSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    topic: z.string(),
    seq: sequence,
    ...part,
    entries: z.array(entry).describe('Whole: MachineSummary, Twin or Incident, as the HTTP API answers them'),
  }),
  z.object({
    type: z.literal('delta'),
    topic: z.string(),
    from: sequence.describe('What the client has: another number means a gap, to be closed by resume'),
    seq: sequence,
    ...part,
    changed: z.array(entry).describe('With their key; members that are absent stay as they were'),
    removed: z.array(z.string()),
  }),
  z.object({ type: z.literal('error'), message: z.string(), requestId: z.string() }),
  z.object({ type: z.literal('pong'), asOf: z.iso.datetime() }),
]);

/** Every message of the server is a list of frames. */
export const messageSchema = z.object({ frames: z.array(frameSchema).min(1) });

export type LiveRequest = z.output<typeof requestSchema>;
export type Frame = z.output<typeof frameSchema>;
/** A machine summary, a twin or an incident. */
export type Entry = Readonly<Record<string, unknown>>;

/** What tells entries of a topic apart. */
export const keyNameOf = ({ kind }: Topic): 'machineId' | 'incidentId' =>
  kind === 'incidents' ? 'incidentId' : 'machineId';
