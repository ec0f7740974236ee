import {
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { Incident } from '../../core/incidents/incident.ts';

/** By the index that holds an incident as long as it is not closed; the oldest first. */
export function listLiveIncidents(
  client: DynamoDBClient,
  TableName: string,
  site: string,
): Promise<readonly Incident[]> {
  return readAll(client, {
    TableName,
    IndexName: 'live',
    KeyConditionExpression: 'liveSite = :site',
    ExpressionAttributeValues: { ':site': { S: site } },
  });
}

/** Closed or not, by when they were opened; the oldest first. */
export function listIncidentsOpened(
  client: DynamoDBClient,
  TableName: string,
  { site, fromMs, toMs }: { readonly site: string; readonly fromMs: number; readonly toMs: number },
): Promise<readonly Incident[]> {
  return readAll(client, {
    TableName,
    IndexName: 'site',
    KeyConditionExpression: 'site = :site AND openedAtMs BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':site': { S: site },
      ':from': { N: String(fromMs) },
      ':to': { N: String(toMs) },
    },
  });
}

async function readAll(client: DynamoDBClient, query: QueryCommandInput): Promise<readonly Incident[]> {
  const incidents: Incident[] = [];
  let after: QueryCommandOutput['LastEvaluatedKey'];
  do {
    const page: QueryCommandOutput = await client.send(
      new QueryCommand({ ...query, ...(after === undefined ? {} : { ExclusiveStartKey: after }) }),
    );
    for (const { json } of page.Items ?? []) if (json?.S !== undefined) incidents.push(JSON.parse(json.S) as Incident);
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
  return incidents;
}
