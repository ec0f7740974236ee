import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import type { SeriesReader } from '../ports/series-reader.ts';
import type { StoreEnv } from '../ports/store-env.ts';
import { connectInfluxDb } from './connect-influxdb.ts';
import { locateInfluxDb } from './influxdb-place.ts';
import { InfluxDbSeriesReader } from './influxdb-series-reader.ts';
import { readRowsAsTheyStand } from './plain-json-body.ts';
import { TimestreamSeriesReader } from './timestream-series-reader.ts';

/** The reading side of whichever store the stage has. */
export function connectSeriesReader(store: StoreEnv): SeriesReader {
  if (store.STORE === 'influxdb') return new InfluxDbSeriesReader(connectInfluxDb(store), locateInfluxDb(store));
  const [minute = '', hour = '', day = ''] = store.STORE_ROLLUPS.split(',');
  const place = { database: store.STORE_DATABASE, table: store.STORE_TABLE, rollups: { minute, hour, day } };
  const client = new TimestreamQueryClient({});
  readRowsAsTheyStand(client);
  return new TimestreamSeriesReader(client, place, Date.now);
}
