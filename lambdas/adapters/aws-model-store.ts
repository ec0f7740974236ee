import { readFile } from 'node:fs/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ModelStore } from '../ports/model-store.ts';

/** Models that come with the function lie beside its code; those that a plant trained, in a bucket under their version. */
export class AwsModelStore implements ModelStore {
  private readonly folder: URL;
  private readonly s3: S3Client;
  private readonly bucket: string;

  constructor(folder: URL, s3: S3Client, bucket: string) {
    this.folder = folder;
    this.s3 = s3;
    this.bucket = bucket;
  }

  read(machineType: string, version: string | null): Promise<string | undefined> {
    return version === null ? this.readShipped(machineType) : this.readOwn(`models/${machineType}/${version}.json`);
  }

  private async readShipped(machineType: string): Promise<string | undefined> {
    try {
      return await readFile(new URL(`${machineType}.json`, this.folder), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Without the right to list, S3 says of what is not there that it is forbidden. */
  private async readOwn(key: string): Promise<string | undefined> {
    try {
      const answer = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
      return await answer.Body?.transformToString();
    } catch (error) {
      if (error instanceof Error && /^(NoSuchKey|NotFound|AccessDenied)$/.test(error.name)) return undefined;
      throw error;
    }
  }
}
