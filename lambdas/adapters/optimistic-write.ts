import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';

/** Condition that the item is still as it was read: of this version, or 0 where there was none. */
export function ifVersion(version: number) {
  if (version === 0) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':version': { N: String(version) } },
  };
}

/** Somebody else wrote, or is writing, one of the items of a transaction. */
export function isCollision(error: unknown): boolean {
  if (!(error instanceof TransactionCanceledException)) return false;
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
  return codes.some((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict');
}
