/**
 * `Custom::CDKBucketDeployment`: CDK's function for it is Python around AWS's command line, which a laptop need not have. So
 * the laptop copies the assets itself, as that function's role, and what the role may not do fails. Source of the
 * properties: CDK's module aws-s3-deployment.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Addresses } from '../addresses.ts';
import type { Caller, Cloud, Engine, Json } from '../engine.ts';

export interface BucketDeploymentParts {
  readonly addresses: Addresses;
  /** The folder of an asset by its object key. */
  readonly findAsset: (key: string) => string | undefined;
  /** Of CDK's copying function. */
  readonly findRole: (functionArn: string) => string;
}

interface Wanted {
  readonly DestinationBucketName: string;
  readonly SourceBucketNames: readonly string[];
  readonly SourceObjectKeys: readonly string[];
  readonly SourceMarkers?: readonly Readonly<Record<string, string>>[];
  readonly SourceMarkersConfig?: readonly { readonly jsonEscape?: boolean }[];
  readonly DistributionId?: string;
  readonly Prune?: boolean;
}

const properties = [
  'ServiceToken',
  'DestinationBucketName',
  'DistributionId',
  'DistributionPaths',
  'OutputObjectKeys',
  'Prune',
  'SourceBucketNames',
  'SourceMarkers.*',
  'SourceMarkersConfig.jsonEscape',
  'SourceObjectKeys',
  'WaitForDistributionInvalidation',
];

export function createBucketDeployments(cloud: Cloud, parts: BucketDeploymentParts): Engine {
  return {
    name: 'bucket-deployment',
    operations: {},
    resources: {
      'Custom::CDKBucketDeployment': {
        properties,
        create: async (request) => {
          const wanted = request.properties as unknown as Wanted;
          const caller = cloud.iam.assume(
            parts.findRole(String(request.properties.ServiceToken)),
            'lambda.amazonaws.com',
          );
          await deploy(cloud, parts, wanted, caller);
          const attributes = { DestinationBucketArn: `arn:aws:s3:::${wanted.DestinationBucketName}` };
          return { ref: request.physicalName, attributes };
        },
      },
    },
  };
}

async function deploy(cloud: Cloud, parts: BucketDeploymentParts, wanted: Wanted, caller: Caller): Promise<void> {
  const s3 = (operation: string, input: Json): Promise<unknown> => cloud.call('s3', operation, input, caller);
  const Bucket = wanted.DestinationBucketName;
  const files = readSources(cloud, parts, wanted, caller);
  if (wanted.Prune === true) {
    const { Contents } = (await s3('ListObjectsV2', { Bucket })) as { readonly Contents: readonly { key: string }[] };
    for (const { key } of Contents) if (!files.has(key)) await s3('DeleteObject', { Bucket, Key: key });
  }
  for (const [Key, Body] of files) await s3('PutObject', { Bucket, Key, Body });
  if (wanted.DistributionId !== undefined) {
    cloud.authorize(caller, { action: 'cloudfront:CreateInvalidation', resource: '*' });
  }
}

/** Object key → content; of two sources with the same key the later one stays. */
function readSources(cloud: Cloud, parts: BucketDeploymentParts, wanted: Wanted, caller: Caller): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const [i, key] of wanted.SourceObjectKeys.entries()) {
    cloud.authorize(caller, { action: 's3:GetObject', resource: `arn:aws:s3:::${wanted.SourceBucketNames[i]}/${key}` });
    const folder = parts.findAsset(key);
    if (folder === undefined) throw new Error(`SourceObjectKeys: the assembly holds no asset ${key}`);
    const isJson = wanted.SourceMarkersConfig?.[i]?.jsonEscape === true;
    const fill = createFilling(wanted.SourceMarkers?.[i] ?? {}, isJson, parts.addresses);
    for (const [name, content] of listFiles(folder)) files.set(name, fill(content));
  }
  return files;
}

function* listFiles(folder: string): Generator<[name: string, content: Buffer]> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) yield [relative(folder, file).replaceAll(sep, '/'), readFileSync(file)];
  }
}

/** Markers stand for what is known at the deployment only; addresses are whole when they are filled in. */
function createFilling(markers: Readonly<Record<string, string>>, isJson: boolean, { localise }: Addresses) {
  const entries = Object.entries(markers);
  return (content: Buffer): Buffer => {
    if (entries.length === 0) return content;
    const filled = entries.reduce(
      (text, [marker, value]) => text.replaceAll(marker, () => (isJson ? JSON.stringify(value).slice(1, -1) : value)),
      content.toString(),
    );
    return Buffer.from(localise(filled));
  };
}
