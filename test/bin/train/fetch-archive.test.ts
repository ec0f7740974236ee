import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, InvalidObjectState, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fetchArchive } from '../../../bin/train/fetch-archive.ts';
import { TrainingDataError } from '../../../bin/train/read-labelled.ts';

const s3 = mockClient(S3Client);
const key = 'telemetry/2026/01/31/08.jsonl.gz';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fetch-archive-'));
  s3.reset();
  s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: 'telemetry/' }, { Key: key }] });
});
afterEach(() => rmSync(folder, { recursive: true }));

const fetch = () => fetchArchive('s3://plant/telemetry', folder, () => undefined);

it('lays the objects down as files', async () => {
  s3.on(GetObjectCommand, { Bucket: 'plant', Key: key }).resolves({
    Body: { transformToByteArray: async () => Buffer.from('line') } as never,
  });
  await fetch();
  expect(readFileSync(join(folder, key), 'utf8')).toBe('line');
});

it('says of an object in Deep Archive what to do first', async () => {
  const refused = new InvalidObjectState({
    $metadata: {},
    message: 'not valid for its class',
    StorageClass: 'DEEP_ARCHIVE',
  });
  s3.on(GetObjectCommand).rejects(refused);
  await expect(fetch()).rejects.toThrow(TrainingDataError);
  await expect(fetch()).rejects.toThrow(
    `--data-path: "s3://plant/${key}" lies in DEEP_ARCHIVE, which is not read at once; restore it first`,
  );
});
