import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe } from 'vitest';
import { DynamoDbLiveStore } from '../../../lambdas/adapters/dynamodb-live-store.ts';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { liveStoreContract } from '../../contract/live-store.ts';
import { openWire, type Wire } from '../../local/wire.ts';
import { MemoryLive } from './memory-live.ts';

describe('in memory', () => liveStoreContract(() => new MemoryLive()));

describe('in DynamoDB', () => {
  let wire: Wire;
  let tables = 0;
  beforeAll(async () => {
    wire = await openWire((cloud) => createDynamoDb(cloud));
    for (let i = 0; i < 6; i++) {
      await wire.create('AWS::DynamoDB::Table', {
        TableName: `live-${i}`,
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      });
    }
  });
  afterAll(() => wire?.stop());

  liveStoreContract(() => new DynamoDbLiveStore(new DynamoDBClient(wire.clientConfig), `live-${tables++}`));
});
