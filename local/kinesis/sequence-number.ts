/** 56 digits as on AWS: what version 2 numbers begin with, the shard, the position in it. */
export const formatSequenceNumber = (shardId: string, index: number): string =>
  `49${shardId.slice(-4)}${String(index).padStart(50, '0')}`;

export const parseSequenceNumber = (sequenceNumber: string): number => Number(sequenceNumber.slice(6));
