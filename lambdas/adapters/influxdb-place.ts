import type { InfluxDbStoreEnv } from '../ports/store-env.ts';

/** Where an InfluxDB takes and gives what. */
export interface InfluxDbPlace {
  /** Takes line protocol in milliseconds. */
  readonly writeUrl: string;
  /** Answers InfluxQL as version 1 did, times in milliseconds. */
  readonly queryUrl: string;
  /** Makes the database with its retention; null where it exists. */
  readonly creation: { readonly url: string; readonly body: string } | null;
}

/**
 * Version 3. Core knows a retention only from the making of a database, so the writer makes it and doesn't leave that
 * to the first write (InfluxDB 3 Core documentation, "Create a database").
 */
export function locateInfluxDb(store: InfluxDbStoreEnv): InfluxDbPlace {
  const { STORE_URL: url, STORE_DATABASE: db } = store;
  const database = new URLSearchParams({ db });
  return {
    writeUrl: `${url}/api/v3/write_lp?${database}&precision=millisecond`,
    queryUrl: `${url}/query?${database}&epoch=ms`,
    creation: {
      url: `${url}/api/v3/configure/database`,
      body: JSON.stringify({ db, retention_period: `${store.STORE_RETENTION_DAYS}d` }),
    },
  };
}
