import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import type { SeriesWriter } from '../ports/series-writer.ts';
import type { StoreEnv } from '../ports/store-env.ts';
import { connectInfluxDb } from './connect-influxdb.ts';
import { locateInfluxDb } from './influxdb-place.ts';
import { InfluxDbSeriesWriter } from './influxdb-series-writer.ts';
import { sendRecordsAsTheyStand } from './plain-json-body.ts';
import { TimestreamSeriesWriter } from './timestream-series-writer.ts';

/** The writing side of whichever store the stage has. */
export function connectSeriesWriter(store: StoreEnv): SeriesWriter {
  if (store.STORE === 'influxdb') return new InfluxDbSeriesWriter(connectInfluxDb(store), locateInfluxDb(store));
  // Past these attempts the rows come back as unwritten, and the batch is delivered again.
  const client = new TimestreamWriteClient({ maxAttempts: 5 });
  sendRecordsAsTheyStand(client);
  return new TimestreamSeriesWriter(client, { database: store.STORE_DATABASE, table: store.STORE_TABLE });
}
