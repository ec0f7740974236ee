import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GetObjectCommand, InvalidObjectState, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { TrainingDataError } from './read-labelled.ts';

const prefixPattern = /^s3:\/\/([^/]+)\/?(.*)$/;

export const isS3 = (path: string): boolean => path.startsWith('s3://');

/** The objects below `s3://bucket/prefix`, as files in a folder of their own. */
export async function fetchArchive(address: string, folder: string, tell: (line: string) => void): Promise<string> {
  const [, bucket, prefix = ''] = prefixPattern.exec(address) ?? [];
  if (bucket === undefined) throw new TrainingDataError(`--data-path: got "${address}", allowed is s3://bucket/prefix`);
  const client = new S3Client({ forcePathStyle: true });
  let count = 0;
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key } of page.Contents ?? []) {
      if (Key === undefined || Key.endsWith('/')) continue;
      const file = join(folder, Key);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, await fetchObject(client, bucket, Key));
      count++;
    }
    tell(`${count} objects fetched`);
  }
  if (count === 0) throw new TrainingDataError(`--data-path: got "${address}", there is nothing below it`);
  return folder;
}

async function fetchObject(client: S3Client, bucket: string, key: string): Promise<Uint8Array | string> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToByteArray()) ?? '';
  } catch (error) {
    if (!(error instanceof InvalidObjectState)) throw error;
    throw new TrainingDataError(
      `--data-path: "s3://${bucket}/${key}" lies in ${error.StorageClass ?? 'an archive class'}, which is not read at once; ` +
        'restore it first (aws s3api restore-object), or name a prefix that holds later days only',
    );
  }
}
