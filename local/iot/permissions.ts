/** What a connected certificate may do, by the policies that are attached to it at this moment. */
import { type Cloud, formatArn, type ResourceModel } from '../engine.ts';
import type { Connection } from './broker.ts';
import {
  type ConnectionVariables,
  isAllowed,
  type PolicyDocument,
  readPolicyDocument,
  speaksOfThing,
} from './policy.ts';
import type { IotRegistry } from './registry.ts';

export interface Permissions {
  readonly model: ResourceModel;
  /** `iot:Publish`, `topic/factory/CNC-001/telemetry` */
  decide(connection: Connection, action: string, resource: string): boolean;
  names(): readonly string[];
  /** Of the template's policies the one that speaks of the connected thing. */
  findForMachines(): string | undefined;
}

const maxRememberedVerdicts = 100;

export function createPermissions(cloud: Cloud, registry: IotRegistry): Permissions {
  const policies = new Map<string, PolicyDocument>();
  let verdicts = new WeakMap<Connection, Map<string, boolean>>();
  let verdictsOfVersion = registry.version;
  return {
    model: policyModel(cloud, policies),
    names: () => [...policies.keys()],
    findForMachines: () => [...policies].find(([, document]) => speaksOfThing(document))?.[0],
    /** A machine asks the same for each of its messages; a change in the registry opens every question again. */
    decide: (connection, action, resource) => {
      if (verdictsOfVersion !== registry.version) verdicts = new WeakMap();
      verdictsOfVersion = registry.version;
      const known = verdicts.get(connection) ?? new Map<string, boolean>();
      if (known.size > maxRememberedVerdicts) known.clear();
      verdicts.set(connection, known);
      const question = `${action} ${resource}`;
      const verdict =
        known.get(question) ??
        judge(registry, policies, connection, { action, resource: formatArn(cloud, 'iot', resource) });
      known.set(question, verdict);
      return verdict;
    },
  };
}

function judge(
  registry: IotRegistry,
  policies: ReadonlyMap<string, PolicyDocument>,
  connection: Connection,
  asked: { readonly action: string; readonly resource: string },
): boolean {
  const certificate = registry.certificates.get(connection.certificateId);
  if (certificate?.status !== 'ACTIVE') return false;
  const documents = certificate.policies.flatMap((name) => policies.get(name) ?? []);
  return isAllowed(documents, { ...asked, variables: readVariables(registry, connection) });
}

/** Thing variables resolve only when the certificate is attached to the thing and the client id is the thing's name. */
function readVariables(registry: IotRegistry, connection: Connection): ConnectionVariables {
  const { clientId, certificateId } = connection;
  const thing = registry.things.get(clientId);
  const isAttached =
    thing !== undefined && registry.certificates.get(certificateId)?.things.includes(clientId) === true;
  return {
    'iot:ClientId': clientId,
    'iot:CertificateId': certificateId,
    'iot:Connection.Thing.IsAttached': String(isAttached),
    ...(isAttached && { 'iot:Connection.Thing.ThingName': clientId }),
    ...(isAttached && thing.typeName !== null && { 'iot:Connection.Thing.ThingTypeName': thing.typeName }),
  };
}

function policyModel(cloud: Cloud, policies: Map<string, PolicyDocument>): ResourceModel {
  return {
    properties: ['PolicyName', 'PolicyDocument.*', 'Tags.*'],
    create: ({ properties, physicalName }) => {
      const name = typeof properties.PolicyName === 'string' ? properties.PolicyName : physicalName;
      const length = JSON.stringify(properties.PolicyDocument).length;
      if (length > 2048) throw new Error(`PolicyDocument has ${length} characters, allowed are 2048`);
      policies.set(name, readPolicyDocument(properties.PolicyDocument));
      return { ref: name, attributes: { Arn: formatArn(cloud, 'iot', `policy/${name}`), Id: name } };
    },
  };
}
