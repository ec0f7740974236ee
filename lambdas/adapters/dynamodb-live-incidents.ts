import { type DynamoDBClient, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import type { Incident } from '../../core/incidents/incident.ts';

/** By the index that holds an incident as long as it is not closed; the oldest first. */
export async function listLiveIncidents(
  client: DynamoDBClient,
  tableName: string,
  site: string,
): Promise<readonly Incident[]> {
  const incidents: Incident[] = [];
  let after: QueryCommandOutput['LastEvaluatedKey'];
  do {
    const page: QueryCommandOutput = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'live',
        KeyConditionExpression: 'liveSite = :site',
        ExpressionAttributeValues: { ':site': { S: site } },
        ...(after === undefined ? {} : { ExclusiveStartKey: after }),
      }),
    );
    for (const { json } of page.Items ?? []) if (json?.S !== undefined) incidents.push(JSON.parse(json.S) as Incident);
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
  return incidents;
}
