/** DynamoDB on SQLite: items, conditions, updates, queries over the table and its indexes, batches, transactions, TTL. */
import { join } from 'node:path';
import type { Cloud, Engine } from '../engine.ts';
import { dynamoDbCalls } from './calls.ts';
import { readDefinition, tableProperties } from './definition.ts';
import { openTables } from './tables.ts';

const ttlSweepMs = 60_000;

export function createDynamoDb(cloud: Cloud): Engine {
  const tables = openTables(join(cloud.dataFolder, 'dynamodb'));
  let sweep: NodeJS.Timeout | undefined;
  return {
    name: 'dynamodb',
    resources: {
      'AWS::DynamoDB::Table': {
        properties: tableProperties,
        create: (request) => {
          const definition = readDefinition(cloud, request);
          tables.add(definition);
          return { ref: definition.name, attributes: { Arn: definition.arn } };
        },
      },
    },
    operations: dynamoDbCalls(cloud, tables),
    start: async () => {
      sweep = setInterval(() => tables.expire(cloud.nowMs() / 1000), ttlSweepMs);
    },
    stop: async () => {
      clearInterval(sweep);
      tables.close();
    },
  };
}
