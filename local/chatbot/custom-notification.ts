import { z } from 'zod';

/**
 * A custom notification, event schema 1.0, as the administrator guide of Amazon Q Developer in chat applications lists it
 * ("Custom notifications": fields, which are required, the one text type). Whether the service takes a field that the
 * guide does not list is not known; here it refuses, so that a misspelt one shows.
 */
const text = z.string().min(1);

const schema = z.strictObject({
  version: z.literal('1.0'),
  source: z.literal('custom'),
  id: text.optional(),
  content: z.strictObject({
    textType: z.literal('client-markdown').optional(),
    title: text.optional(),
    description: text,
    nextSteps: z.array(text).optional(),
    keywords: z.array(text).optional(),
  }),
  metadata: z
    .strictObject({
      threadId: text.optional(),
      summary: text.optional(),
      eventType: text.optional(),
      relatedResources: z.array(text).optional(),
      additionalContext: z.record(z.string(), z.string()).optional(),
      enableCustomActions: z.boolean().optional(),
    })
    .optional(),
});

export type CustomNotification = z.output<typeof schema>;

/** The notification, or the sentence that says why it is none. */
export function readCustomNotification(message: string): CustomNotification | string {
  const parsed = schema.safeParse(parseJson(message));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'not readable'}`;
}

function parseJson(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return message; // plain text is no notification: the schema says so
  }
}

/** What the channel shows: the text in the chat's own markdown, then what to do, then the words to find it by. */
export function wordChatMessage({ content, metadata = {} }: CustomNotification): string {
  const { description, nextSteps = [], keywords = [] } = content;
  const { relatedResources = [], additionalContext = {} } = metadata;
  const steps = nextSteps.map((step) => `• ${step}`);
  const context = Object.entries(additionalContext).map(([name, value]) => `${name}: ${value}`);
  const about = [keywords.join(' · '), relatedResources.join(', '), ...context].filter((line) => line !== '');
  return [description, steps.join('\n'), about.join('\n')].filter((part) => part !== '').join('\n\n');
}
