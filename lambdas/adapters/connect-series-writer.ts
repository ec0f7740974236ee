import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import type { SeriesWriter } from '../ports/series-writer.ts';
import type { StoreEnv } from '../ports/store-env.ts';
import { InfluxDbSeriesWriter } from './influxdb-series-writer.ts';
import { createTokenSource } from './secret-token.ts';
import { TimestreamSeriesWriter } from './timestream-series-writer.ts';

/** The one place that knows which stores there are. */
export function connectSeriesWriter(store: StoreEnv): SeriesWriter {
  if (store.STORE === 'influxdb') {
    const token = createTokenSource(new SecretsManagerClient({}), store.STORE_SECRET_ARN, Date.now);
    return new InfluxDbSeriesWriter({ writeUrl: store.STORE_WRITE_URL, token });
  }
  // Past these attempts the rows come back as unwritten, and the batch is delivered again.
  const client = new TimestreamWriteClient({ maxAttempts: 5 });
  return new TimestreamSeriesWriter(client, { database: store.STORE_DATABASE, table: store.STORE_TABLE });
}
