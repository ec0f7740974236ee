import { z } from 'zod';

/** What the function behind the WebSocket's routes is told by its stack; the stack is typed by the same schema. */
export const liveEnvSchema = z.object({
  STAGE: z.string().min(1),
  LIVE_TABLE: z.string().min(1),
  LIVE_URL: z.url({ protocol: /^wss?$/ }),
  /** The function that reads what is watched and sends it. */
  FEEDER: z.string().min(1),
});

/** Variables are text, whatever they mean. */
export type LiveEnv = Record<keyof z.output<typeof liveEnvSchema>, string>;
