import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

export interface PlantModel {
  readonly machineType: string;
  readonly version: string;
  readonly text: string;
}

/** A trained model on its way to where the twins look for it: the stage's bucket, under type and version. */
export class ModelBucket {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(bucket: string, connection: { readonly region: string }) {
    this.client = new S3Client({ ...connection, forcePathStyle: true });
    this.bucket = bucket;
  }

  async put({ machineType, version, text }: PlantModel): Promise<void> {
    const Key = `models/${machineType}/${version}.json`;
    await this.client.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body: text }));
  }
}
