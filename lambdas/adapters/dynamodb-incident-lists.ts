import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Incident } from '../../core/incidents/incident.ts';
import { queryJson } from './query-all.ts';

/** By the index that holds an incident as long as it is not closed; the oldest first. */
export function listLiveIncidents(
  client: DynamoDBClient,
  TableName: string,
  site: string,
): Promise<readonly Incident[]> {
  return queryJson(client, {
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
  return queryJson(client, {
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
