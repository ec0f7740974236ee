import { createHash } from 'node:crypto';
import type { CreatedResource, Json, ResourceModel } from '../engine.ts';
import type { Resource, Stack } from './assembly.ts';
import { type ReadSecret, resolveReferences } from './dynamic-references.ts';
import { collectReferences, isConditionTrue, resolve, type Scope } from './intrinsics.ts';
import { TemplateProblem } from './problem.ts';
import { findUnknownProperty } from './property-paths.ts';

export interface BringUpOptions {
  readonly accountId: string;
  /** The model of a type; undefined where there is none. */
  readonly findModel: (type: string) => ResourceModel | undefined;
  /** For `{{resolve:secretsmanager:…}}`; without it there is none. */
  readonly readSecret?: ReadSecret;
  /** What becomes of addresses that the template spells out; without it they stay. */
  readonly localise?: <T>(value: T) => T;
  /** Told of each resource once it exists. */
  readonly onCreated?: (stack: string, logicalId: string, type: string) => void;
}

export interface Deployment {
  /** Stack → output → value. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** `stack/logicalId` → what was made. */
  readonly resources: ReadonlyMap<string, CreatedResource & { readonly type: string }>;
}

/** Types that say something about the synthesis and make nothing. */
const silentTypes = new Set(['AWS::CDK::Metadata']);

/**
 * Creates every resource of every stack, each after those it refers to. All types and properties are checked before the
 * first is created: a template that cannot run whole does not start.
 */
export async function bringUp(stacks: readonly Stack[], options: BringUpOptions): Promise<Deployment> {
  const exports = new Map<string, unknown>();
  const outputs = new Map<string, Record<string, unknown>>();
  const resources = new Map<string, CreatedResource & { type: string }>();
  const scopes = stacks.map((stack) => createScope(stack, exports, options.accountId));
  stacks.forEach((stack, i) => {
    checkStack(stack, scopes[i]!, options);
  });
  for (const [i, stack] of stacks.entries()) {
    const scope = scopes[i]!;
    await createResources(stack, scope, options);
    for (const [logicalId, created] of scope.resources) {
      const type = stack.template.Resources[logicalId]!.Type;
      resources.set(`${stack.name}/${logicalId}`, { ...created, type });
    }
    outputs.set(stack.name, readOutputs(stack, scope, exports));
  }
  return { outputs, resources };
}

type StackScope = Scope & { readonly resources: Map<string, CreatedResource> };

function createScope(stack: Stack, exports: Map<string, unknown>, accountId: string): StackScope {
  const parameters = Object.entries(stack.template.Parameters ?? {}).map(
    ([name, p]) => [name, p.Default ?? ''] as const,
  );
  return {
    parameters: new Map(parameters),
    pseudo: new Map<string, unknown>([
      ['AWS::AccountId', accountId],
      ['AWS::Region', stack.region],
      ['AWS::Partition', 'aws'],
      ['AWS::URLSuffix', 'amazonaws.com'],
      ['AWS::StackName', stack.name],
      ['AWS::StackId', `arn:aws:cloudformation:${stack.region}:${accountId}:stack/${stack.name}/local`],
      ['AWS::NotificationARNs', []],
    ]),
    conditions: stack.template.Conditions ?? {},
    mappings: stack.template.Mappings ?? {},
    resources: new Map(),
    exports,
  };
}

function listResources(stack: Stack, scope: Scope): [string, Resource][] {
  return Object.entries(stack.template.Resources).filter(
    ([, r]) => !silentTypes.has(r.Type) && (r.Condition === undefined || isConditionTrue(r.Condition, scope)),
  );
}

/** Rules are checked by CloudFormation before it begins; the synthesis puts the bootstrap version there. */
const templateSections =
  'AWSTemplateFormatVersion Description Metadata Parameters Mappings Conditions Rules Resources Outputs';
const resourceAttributes = 'Type Properties DependsOn Condition Metadata DeletionPolicy UpdateReplacePolicy';

const findStranger = (object: object, known: string): string | undefined =>
  Object.keys(object).find((key) => !known.split(' ').includes(key));

function checkStack(stack: Stack, scope: Scope, options: BringUpOptions): void {
  const section = findStranger(stack.template, templateSections);
  if (section !== undefined)
    throw new TemplateProblem({ stack: stack.name }, `template section ${section} is not modelled here`);
  for (const [logicalId, resource] of listResources(stack, scope)) {
    const attribute = findStranger(resource, resourceAttributes);
    if (attribute !== undefined)
      throw new TemplateProblem({ stack: stack.name, logicalId }, `attribute ${attribute} is not modelled here`);
    const model = options.findModel(resource.Type);
    if (model === undefined) {
      throw new TemplateProblem({ stack: stack.name, logicalId }, `type ${resource.Type} is not modelled here`);
    }
    const property = findUnknownProperty(resource.Properties ?? {}, model.properties);
    if (property !== undefined) {
      const place = { stack: stack.name, logicalId, property };
      throw new TemplateProblem(place, `this property of ${resource.Type} is not modelled here`);
    }
  }
}

async function createResources(stack: Stack, scope: StackScope, options: BringUpOptions): Promise<void> {
  const wanted = new Map(listResources(stack, scope));
  const { readSecret = noSecret, localise = unchanged } = options;
  for (const logicalId of sortResources(stack, wanted)) {
    const resource = wanted.get(logicalId)!;
    try {
      const created = await options.findModel(resource.Type)!.create({
        stack: stack.name,
        logicalId,
        type: resource.Type,
        properties: localise(resolveReferences(resolve(resource.Properties ?? {}, scope), readSecret) as Json),
        physicalName: formatPhysicalName(stack.name, logicalId),
        deletionPolicy: resource.DeletionPolicy,
        updateReplacePolicy: resource.UpdateReplacePolicy,
      });
      scope.resources.set(logicalId, created);
      options.onCreated?.(stack.name, logicalId, resource.Type);
    } catch (error) {
      if (error instanceof TemplateProblem) throw error;
      throw new TemplateProblem({ stack: stack.name, logicalId }, (error as Error).message);
    }
  }
}

const unchanged = <T>(value: T): T => value;

const noSecret: ReadSecret = (id) => {
  throw new Error(`there is no secret ${id}`);
};

function sortResources(stack: Stack, wanted: ReadonlyMap<string, Resource>): string[] {
  const sorted = new Set<string>();
  const open = new Set<string>();
  const visit = (logicalId: string): void => {
    const resource = wanted.get(logicalId);
    if (resource === undefined || sorted.has(logicalId)) return;
    if (open.has(logicalId)) throw new TemplateProblem({ stack: stack.name, logicalId }, 'it depends on itself');
    open.add(logicalId);
    for (const dependency of [resource.DependsOn ?? []].flat()) visit(dependency);
    for (const reference of collectReferences(resource.Properties)) visit(reference);
    open.delete(logicalId);
    sorted.add(logicalId);
  };
  for (const logicalId of wanted.keys()) visit(logicalId);
  return [...sorted];
}

function readOutputs(stack: Stack, scope: Scope, exports: Map<string, unknown>): Record<string, unknown> {
  const outputs: Record<string, unknown> = {};
  for (const [name, output] of Object.entries(stack.template.Outputs ?? {})) {
    if (output.Condition !== undefined && !isConditionTrue(output.Condition, scope)) continue;
    try {
      outputs[name] = resolve(output.Value, scope);
      if (output.Export !== undefined) exports.set(String(resolve(output.Export.Name, scope)), outputs[name]);
    } catch (error) {
      throw new TemplateProblem({ stack: stack.name }, `output ${name}: ${(error as Error).message}`);
    }
  }
  return outputs;
}

/** As CloudFormation's: stack, logical id and a suffix; here the suffix is their hash, so a restart finds its data. */
function formatPhysicalName(stack: string, logicalId: string): string {
  const suffix = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 8);
  return `${stack}-${logicalId}`.slice(0, 54).concat('-', suffix);
}
