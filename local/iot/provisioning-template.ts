/** What a template for provisioning may say, and what it makes of a machine's parameters (developer guide, "Provisioning templates"). */
import type { Json } from '../engine.ts';
import { resolve, type Scope } from '../template/intrinsics.ts';

export interface MachineTemplate {
  /** Parameters without a default: the machine or the hook has to give them. */
  readonly needed: readonly string[];
  /** Throws a sentence for what cannot be resolved. */
  fill(parameters: Readonly<Record<string, string>>): Machine;
}

export interface Machine {
  readonly thingName: string;
  readonly thingTypeName: string | undefined;
  readonly policyName: string;
}

export const certificateParameter = 'AWS::IoT::Certificate::Id';

const modelled: Readonly<Record<string, readonly string[]>> = {
  'AWS::IoT::Certificate': ['CertificateId', 'Status'],
  'AWS::IoT::Policy': ['PolicyName'],
  'AWS::IoT::Thing': ['ThingName', 'ThingTypeName'],
};

interface Body {
  readonly Parameters: Readonly<Record<string, { readonly Type: string; readonly Default?: string }>>;
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Json }>>;
}

export function readMachineTemplate(text: string): MachineTemplate {
  const { Parameters, Resources } = check(JSON.parse(text) as Body);
  const defaults = Object.entries(Parameters).flatMap(([name, { Default }]) =>
    Default === undefined ? [] : [[name, Default] as const],
  );
  return {
    needed: Object.keys(Parameters).filter((name) => Parameters[name]!.Default === undefined),
    fill: (parameters) => {
      const scope: Scope = { ...nothing, parameters: new Map([...defaults, ...Object.entries(parameters)]) };
      const find = (type: string): Readonly<Record<string, string>> => {
        const { Properties } = Object.values(Resources).find(({ Type }) => Type === type)!;
        return resolve(Properties, scope) as Record<string, string>;
      };
      const { ThingName, ThingTypeName } = find('AWS::IoT::Thing');
      const { PolicyName } = find('AWS::IoT::Policy');
      return { thingName: ThingName!, thingTypeName: ThingTypeName, policyName: PolicyName! };
    },
  };
}

const nothing = { pseudo: new Map(), conditions: {}, mappings: {}, resources: new Map(), exports: new Map() };

/** One certificate, policy and thing each, and nothing that would be left undone. */
function check(body: Body): Body {
  const section = Object.keys(body).find((name) => name !== 'Parameters' && name !== 'Resources');
  if (section !== undefined) throw new Error(`TemplateBody: ${section} is not modelled here`);
  const resources = Object.values(body.Resources);
  for (const { Type, Properties } of resources) {
    const known = modelled[Type];
    if (known === undefined) throw new Error(`TemplateBody: type ${Type} is not modelled here`);
    const other = Object.keys(Properties).find((name) => !known.includes(name));
    if (other !== undefined) throw new Error(`TemplateBody: ${other} of ${Type} is not modelled here`);
  }
  for (const type of Object.keys(modelled)) {
    const count = resources.filter(({ Type }) => Type === type).length;
    if (count !== 1) throw new Error(`TemplateBody: has ${count} of ${type}, modelled is 1`);
  }
  const status = String(resources.find(({ Properties }) => 'Status' in Properties)?.Properties.Status);
  if (status.toUpperCase() !== 'ACTIVE') throw new Error(`TemplateBody: Status: got "${status}", modelled is Active`);
  return body;
}
