import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../engine.ts';
import { TemplateProblem } from './problem.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Json;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Conditions?: Json;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly Outputs?: Readonly<
    Record<
      string,
      { readonly Value: unknown; readonly Export?: { readonly Name: unknown }; readonly Condition?: string }
    >
  >;
}

export interface Stack {
  readonly name: string;
  readonly region: string;
  readonly template: Template;
  /** Object key in the assets bucket → path of the file or folder on this disk. */
  readonly assets: ReadonlyMap<string, string>;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly directoryName?: string;
  };
}

const defaultRegion = 'us-east-1';

const knownSections = new Set(
  'Resources Outputs Parameters Conditions Mappings Rules Description Metadata AWSTemplateFormatVersion'.split(' '),
);

/** All stacks of a cloud assembly, of its stages too, each after those it depends on. */
export function loadAssembly(folder: string): Stack[] {
  const manifestFile = join(folder, 'manifest.json');
  if (!existsSync(manifestFile)) throw new Error(`no cloud assembly in ${folder}: run \`npm run synth\` first`);
  const artifacts = (readJson(manifestFile) as { artifacts?: Record<string, Artifact> }).artifacts ?? {};
  const stacks: Stack[] = [];
  for (const id of sortByDependencies(artifacts)) {
    const artifact = artifacts[id]!;
    if (artifact.type === 'cdk:cloud-assembly' || artifact.type === 'aws:cdk:cloud-assembly') {
      stacks.push(...loadAssembly(join(folder, artifact.properties?.directoryName ?? '')));
    }
    if (artifact.type === 'aws:cloudformation:stack') stacks.push(loadStack(folder, id, artifact, artifacts));
  }
  return stacks;
}

function loadStack(folder: string, id: string, artifact: Artifact, artifacts: Record<string, Artifact>): Stack {
  const name = artifact.properties?.stackName ?? id;
  const template = readJson(join(folder, artifact.properties?.templateFile ?? `${id}.template.json`));
  const unknown = Object.keys(template as object).find((section) => !knownSections.has(section));
  if (unknown !== undefined) throw new TemplateProblem({ stack: name }, `section ${unknown} is not modelled`);
  const region = artifact.environment?.split('/').at(-1) ?? 'unknown-region';
  return {
    name,
    region: region === 'unknown-region' ? defaultRegion : region,
    template: template as Template,
    assets: readAssets(folder, artifact, artifacts),
  };
}

function readAssets(folder: string, artifact: Artifact, artifacts: Record<string, Artifact>): Map<string, string> {
  const assets = new Map<string, string>();
  for (const id of artifact.dependencies ?? []) {
    const file = (artifacts[id]?.properties as { file?: string } | undefined)?.file;
    if (artifacts[id]?.type !== 'cdk:asset-manifest' || file === undefined) continue;
    const manifest = readJson(join(folder, file)) as { files?: Record<string, AssetFile> };
    for (const asset of Object.values(manifest.files ?? {})) {
      const key = Object.values(asset.destinations)[0]?.objectKey;
      if (key !== undefined && asset.source.path !== undefined) assets.set(key, join(folder, asset.source.path));
    }
  }
  return assets;
}

interface AssetFile {
  readonly source: { readonly path?: string };
  readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
}

function sortByDependencies(artifacts: Record<string, Artifact>): string[] {
  const sorted = new Set<string>();
  const visit = (id: string): void => {
    if (sorted.has(id) || artifacts[id] === undefined) return;
    for (const dependency of artifacts[id].dependencies ?? []) visit(dependency);
    sorted.add(id);
  };
  for (const id of Object.keys(artifacts).sort()) visit(id);
  return [...sorted];
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
