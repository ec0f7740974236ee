import { z } from 'zod';

/** Which time-series store the stage has, and where it is. */
export const storeEnvSchema = z.discriminatedUnion('STORE', [
  z.object({ STORE: z.literal('timestream'), STORE_DATABASE: z.string().min(1), STORE_TABLE: z.string().min(1) }),
  z.object({ STORE: z.literal('influxdb'), STORE_WRITE_URL: z.url(), STORE_SECRET_ARN: z.string().min(1) }),
]);

export type StoreEnv = z.output<typeof storeEnvSchema>;
