import { z } from 'zod';

/** Which time-series store the stage has, and where it is. */
export const storeEnvSchema = z.discriminatedUnion('STORE', [
  z.object({
    STORE: z.literal('timestream'),
    STORE_DATABASE: z.string().min(1),
    STORE_TABLE: z.string().min(1),
    /** The tables of minutes, hours and days. */
    STORE_ROLLUPS: z.string().regex(/^[^,]+,[^,]+,[^,]+$/),
  }),
  z.object({
    STORE: z.literal('influxdb'),
    /** `https://host:8181`, never in clear: the token goes along. */
    STORE_URL: z.url({ protocol: /^https$/ }),
    STORE_DATABASE: z.string().min(1),
    STORE_RETENTION_DAYS: z.string().regex(/^\d+$/),
    STORE_SECRET_ARN: z.string().min(1),
  }),
]);

export type StoreEnv = z.output<typeof storeEnvSchema>;
export type InfluxDbStoreEnv = Extract<StoreEnv, { STORE: 'influxdb' }>;
