/** Buckets as folders, objects as files; keys are encoded into paths. */
import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Json } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import { replaceFile } from '../replace-file.ts';

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
}

export interface Listed {
  readonly Contents: readonly StoredObject[];
  /** What keys have in common up to the delimiter: folders, to a reader. */
  readonly CommonPrefixes: readonly string[];
  readonly IsTruncated: boolean;
  readonly NextContinuationToken?: string;
}

const maxKeysPerList = 1000;

export class Buckets {
  readonly #root: string;
  readonly #nowMs: () => number;
  readonly #names = new Set<string>();

  constructor(root: string, nowMs: () => number) {
    this.#root = root;
    this.#nowMs = nowMs;
  }

  add(name: string): void {
    this.#names.add(name);
    mkdirSync(join(this.#root, name), { recursive: true });
  }

  put(input: Json): Json {
    const file = this.#fileOf(input);
    const body = input.Body as Uint8Array;
    if (input.IfNoneMatch !== undefined && input.IfNoneMatch !== '*')
      throw new ServiceError('NotImplemented', `IfNoneMatch: got "${String(input.IfNoneMatch)}", allowed is "*"`, 501);
    if (input.IfNoneMatch === '*' && fileExists(file)) {
      throw new ServiceError('PreconditionFailed', `object ${String(input.Key)} exists already`, 412);
    }
    mkdirSync(dirname(file), { recursive: true });
    replaceFile(file, body);
    // The laptop's clock may be ahead of the disk's.
    const nowS = this.#nowMs() / 1000;
    utimesSync(file, nowS, nowS);
    return { ETag: `"${hash('md5', body, 'hex')}"` };
  }

  get(input: Json): Json | undefined {
    const file = this.#fileOf(input);
    if (!fileExists(file)) return undefined;
    const Body = readFileSync(file);
    return { Body, ETag: `"${hash('md5', Body, 'hex')}"`, LastModified: new Date(statSync(file).mtimeMs) };
  }

  remove(input: Json): void {
    rmSync(this.#fileOf(input), { force: true });
  }

  list(input: Json): Listed {
    const prefix = String(input.Prefix ?? '');
    const startAfter = String(input.StartAfter ?? '');
    const objects = listObjects(this.#folderOf(input));
    const wanted = objects.filter(({ key }) => key.startsWith(prefix) && key > startAfter);
    const groups = groupObjects(wanted, prefix, String(input.Delimiter ?? ''));
    const left = [...groups].filter(([name]) => name > String(input.ContinuationToken ?? ''));
    const page = left.slice(0, Math.min(maxKeysPerList, Number(input.MaxKeys ?? maxKeysPerList)));
    const IsTruncated = page.length < left.length;
    return {
      Contents: page.flatMap(([, object]) => object ?? []),
      CommonPrefixes: page.flatMap(([name, object]) => (object === null ? [name] : [])),
      IsTruncated,
      ...(IsTruncated && { NextContinuationToken: page.at(-1)![0] }),
    };
  }

  listBuckets(): readonly { readonly Name: string; readonly createdAtMs: number }[] {
    const createdAtMs = (name: string): number => statSync(join(this.#root, name)).birthtimeMs;
    return [...this.#names].sort().map((Name) => ({ Name, createdAtMs: createdAtMs(Name) }));
  }

  /** Whatever was put at that time or before. */
  removeUntil(Bucket: string, timeMs: number): void {
    for (const { key, modifiedAtMs } of listObjects(this.#folderOf({ Bucket })))
      if (modifiedAtMs <= timeMs) this.remove({ Bucket, Key: key });
  }

  #folderOf(input: Json): string {
    const bucket = String(input.Bucket);
    if (!this.#names.has(bucket)) throw new ServiceError('NoSuchBucket', `bucket ${bucket} does not exist`, 404);
    return join(this.#root, bucket);
  }

  #fileOf(input: Json): string {
    return join(this.#folderOf(input), encodeKey(String(input.Key)));
  }
}

/** A trailing mark keeps an object `a` and objects under `a/` apart. */
const objectEnding = '.object';
const encodeKey = (key: string): string => `${key.split('/').map(encodePart).join('/')}${objectEnding}`;

/** To a file system dots alone are a way, out of the bucket too; to S3 they are letters. */
const encodePart = (part: string): string =>
  /^\.\.?$/.test(part) ? part.replaceAll('.', '%2E') : encodeURIComponent(part);

const decodeKey = (path: string): string =>
  path.slice(0, -objectEnding.length).split('/').map(decodeURIComponent).join('/');

function fileExists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

/** By key, or null by what several keys have in common up to the first delimiter after the prefix. */
function groupObjects(objects: readonly StoredObject[], prefix: string, delimiter: string) {
  const groups = new Map<string, StoredObject | null>();
  for (const object of objects) {
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    if (end < 0) groups.set(object.key, object);
    else groups.set(object.key.slice(0, end + delimiter.length), null);
  }
  return groups;
}

function listObjects(folder: string): StoredObject[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(objectEnding))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = statSync(file);
      return { key: decodeKey(relative(folder, file)), bytes: size, modifiedAtMs: mtimeMs };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
