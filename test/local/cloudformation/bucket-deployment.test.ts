import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAddresses } from '../../../local/addresses.ts';
import { createBucketDeployments } from '../../../local/cloudformation/bucket-deployment.ts';
import { type Json, owner } from '../../../local/engine.ts';
import { createS3 } from '../../../local/s3/s3.ts';
import { openWire, type Wire } from '../wire.ts';

const asset = mkdtempSync(join(tmpdir(), 'asset-'));
let wire: Wire;
let roleArn: string;
let Bucket: string;

const allow = (Action: string | readonly string[], Resource: string) => ({
  Statement: [{ Effect: 'Allow', Action, Resource }],
});

beforeAll(async () => {
  writeFileSync(join(asset, 'config.json'), '{"signIn":"https://<<name>>.auth.example/login","said":"<<said>>"}');
  wire = await openWire(createS3, (cloud, url) => {
    const addresses = createAddresses(url);
    addresses.add('plant.auth.example');
    return createBucketDeployments(cloud, { addresses, findAsset: () => asset, findRole: () => roleArn });
  });
  const AssumeRolePolicyDocument = {
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
  };
  const role = await wire.create('AWS::IAM::Role', { AssumeRolePolicyDocument }, 'Copier');
  roleArn = role.attributes!.Arn!;
  Bucket = (await wire.create('AWS::S3::Bucket', {}, 'Files')).ref;
  const may = (PolicyDocument: Json) => wire.create('AWS::IAM::Policy', { PolicyDocument, Roles: [role.ref] }, 'May');
  await may(allow('s3:GetObject', 'arn:aws:s3:::assets/*'));
  await may(allow('s3:*', `arn:aws:s3:::${Bucket}*`));
});
afterAll(async () => {
  await wire.stop();
  rmSync(asset, { recursive: true });
});

const deploy = (more: Json = {}) =>
  wire.create('Custom::CDKBucketDeployment', {
    ...{ ServiceToken: 'copier', DestinationBucketName: Bucket, Prune: true },
    ...{ SourceBucketNames: ['assets'], SourceObjectKeys: ['page.zip'] },
    ...{
      SourceMarkers: [{ '<<name>>': 'plant', '<<said>>': 'a "word"' }],
      SourceMarkersConfig: [{ jsonEscape: true }],
    },
    ...more,
  });

it('fills in markers, gives addresses of the laptop, and takes away what is no longer deployed', async () => {
  await wire.cloud.call('s3', 'PutObject', { Bucket, Key: 'old.html', Body: Buffer.from('old') }, owner);
  await deploy();
  const found = (await wire.cloud.call('s3', 'GetObject', { Bucket, Key: 'config.json' }, owner)) as { Body: Buffer };
  expect(JSON.parse(found.Body.toString())).toEqual({ signIn: `${wire.url}/login`, said: 'a "word"' });
  await expect(wire.cloud.call('s3', 'GetObject', { Bucket, Key: 'old.html' }, owner)).rejects.toThrow(
    'does not exist',
  );
});

it('does what the role of CDK’s function may do, and no more', async () => {
  await expect(deploy({ SourceBucketNames: ['secrets'] })).rejects.toThrow(
    /s3:GetObject on resource: arn:aws:s3:::secrets/,
  );
  await expect(deploy({ DistributionId: 'E1' })).rejects.toThrow(/cloudfront:CreateInvalidation/);
});
