import { z } from 'zod';

/** What the WebSocket's authorizer is told by its stack; the stack is typed by the same schema. */
export const liveTokenEnvSchema = z.object({
  STAGE: z.string().min(1),
  /** As tokens name it. */
  ISSUER: z.url(),
  /** Where the issuer says what it signs with: the same address, but for a laptop's pool. */
  ISSUER_URL: z.url(),
  /** With commas between. */
  AUDIENCE: z.string().min(1),
  ROLE_CLAIM: z.string().min(1),
});

/** Variables are text, whatever they mean. */
export type LiveTokenEnv = Record<keyof z.output<typeof liveTokenEnvSchema>, string>;
