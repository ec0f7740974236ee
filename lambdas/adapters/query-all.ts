import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';

/** Every item that answers a query, page after page. */
export async function queryAll(
  client: DynamoDBClient,
  query: QueryCommandInput,
): Promise<Record<string, AttributeValue>[]> {
  const items: Record<string, AttributeValue>[] = [];
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  do {
    const page: QueryCommandOutput = await client.send(
      new QueryCommand({ ...query, ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }) }),
    );
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}

/** The same of items that hold their whole as JSON in `json`. */
export async function queryJson<T>(client: DynamoDBClient, query: QueryCommandInput): Promise<readonly T[]> {
  const items = await queryAll(client, query);
  return items.flatMap(({ json }) => (json?.S === undefined ? [] : [JSON.parse(json.S) as T]));
}
