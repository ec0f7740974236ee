/** What a template says of a table. */
import type { Cloud, Json, ResourceRequest } from '../engine.ts';
import { formatArn } from '../engine.ts';
import type { KeySchema, TableDefinition } from './table.ts';

const keyPaths = (place: string): string[] => [`${place}.AttributeName`, `${place}.KeyType`];

/** Billing, backups and encryption by keys that AWS manages have no counterpart on a laptop and change nothing a program sees. */
export const tableProperties = [
  'TableName',
  ...keyPaths('KeySchema'),
  'AttributeDefinitions.AttributeName',
  'AttributeDefinitions.AttributeType',
  'GlobalSecondaryIndexes.IndexName',
  ...keyPaths('GlobalSecondaryIndexes.KeySchema'),
  'GlobalSecondaryIndexes.Projection.*',
  'TimeToLiveSpecification.AttributeName',
  'TimeToLiveSpecification.Enabled',
  'BillingMode',
  'SSESpecification.SSEEnabled',
  'PointInTimeRecoverySpecification.*',
  'DeletionProtectionEnabled',
  'Tags.*',
];

export function readDefinition(cloud: Cloud, { properties, physicalName }: ResourceRequest): TableDefinition {
  const name = String(properties.TableName ?? physicalName);
  const attributes = properties.AttributeDefinitions as { AttributeName: string; AttributeType: string }[];
  const indexes = (properties.GlobalSecondaryIndexes ?? []) as {
    IndexName: string;
    KeySchema: KeyElement[];
    Projection: Json;
  }[];
  const partial = indexes.find((index) => index.Projection.ProjectionType !== 'ALL');
  if (partial !== undefined) throw new Error(`index ${partial.IndexName}: modelled is ProjectionType ALL alone`);
  const ttl = properties.TimeToLiveSpecification as { AttributeName: string; Enabled: boolean } | undefined;
  return {
    name,
    arn: formatArn(cloud, 'dynamodb', `table/${name}`),
    key: readKeySchema(properties.KeySchema as KeyElement[]),
    attributeTypes: Object.fromEntries(attributes.map((a) => [a.AttributeName, a.AttributeType])),
    indexes: Object.fromEntries(indexes.map((index) => [index.IndexName, readKeySchema(index.KeySchema)])),
    ttlAttribute: ttl?.Enabled === true ? ttl.AttributeName : null,
  };
}

interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

function readKeySchema(elements: readonly KeyElement[]): KeySchema {
  const nameOf = (type: string): string | null => elements.find((e) => e.KeyType === type)?.AttributeName ?? null;
  return { hash: nameOf('HASH')!, range: nameOf('RANGE') };
}

/** The same as DescribeTable says it. */
export const describeDefinition = ({ name, arn, key, attributeTypes, indexes }: TableDefinition): Json => ({
  TableName: name,
  TableArn: arn,
  TableStatus: 'ACTIVE',
  KeySchema: formatKeySchema(key),
  AttributeDefinitions: Object.entries(attributeTypes).map(([AttributeName, AttributeType]) => ({
    AttributeName,
    AttributeType,
  })),
  GlobalSecondaryIndexes: Object.entries(indexes).map(([IndexName, schema]) => ({
    IndexName,
    IndexArn: `${arn}/index/${IndexName}`,
    IndexStatus: 'ACTIVE',
    KeySchema: formatKeySchema(schema),
    Projection: { ProjectionType: 'ALL' },
  })),
});

const formatKeySchema = ({ hash, range }: KeySchema): KeyElement[] => [
  { AttributeName: hash, KeyType: 'HASH' },
  ...(range === null ? [] : [{ AttributeName: range, KeyType: 'RANGE' }]),
];
