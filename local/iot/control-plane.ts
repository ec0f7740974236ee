import { createPublicKey } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Cloud, formatArn, type Json, type Operation, ServiceError } from '../engine.ts';
import { type CertificateAuthority, issueCertificate } from './certificate-authority.ts';
import type { NewCertificate } from './fleet-provisioning.ts';
import { type Certificate, certificateIdOf, type IotRegistry, type Thing } from './registry.ts';

/** The calls by which things and certificates are made, attached and retired: what `enroll` and `retire` use. */
export interface ControlPlane {
  readonly cloud: Cloud;
  readonly registry: IotRegistry;
  readonly authority: CertificateAuthority;
  readonly policyNames: () => readonly string[];
  readonly thingTypes: () => readonly string[];
  /** `host` or `host:port` of the broker. */
  readonly endpointAddress: () => string;
  readonly disconnect: (certificateId: string) => void;
}

const text = (input: Json, field: string): string => {
  const value = input[field];
  if (typeof value !== 'string' || value === '')
    throw new ServiceError('InvalidRequestException', `${field}: got ${JSON.stringify(value)}, a text is needed`);
  return value;
};

const notFound = (what: string, name: string): ServiceError =>
  new ServiceError('ResourceNotFoundException', `${what} ${name} does not exist`, 404);

export function createControlPlane(plane: ControlPlane): Readonly<Record<string, Operation>> {
  return { ...thingOperations(plane), ...certificateOperations(plane), ...attachmentOperations(plane) };
}

/** An operation on one resource: its ARN is made from one input field. */
function on(
  plane: ControlPlane,
  action: string,
  resource: readonly [nameOf: (input: Json) => string, members: string],
  run: (input: Json) => unknown,
): Operation {
  const [nameOf, members] = resource;
  const access = (input: Json) => [{ action: `iot:${action}`, resource: formatArn(plane.cloud, 'iot', nameOf(input)) }];
  return { members: members.split(' '), access, run };
}

function onAll(action: string, members: readonly string[], run: (input: Json) => unknown): Operation {
  return { members, access: () => [{ action: `iot:${action}`, resource: '*' }], run };
}

function thingOperations(plane: ControlPlane): Record<string, Operation> {
  const { cloud, registry } = plane;
  const resource = (input: Json): string => `thing/${text(input, 'thingName')}`;
  const describe = (thing: Thing): Json => ({
    thingName: thing.name,
    thingArn: formatArn(cloud, 'iot', `thing/${thing.name}`),
    thingTypeName: thing.typeName ?? undefined,
    attributes: thing.attributes,
  });
  return {
    CreateThing: on(plane, 'CreateThing', [resource, 'thingName thingTypeName attributePayload'], (input) => {
      const name = text(input, 'thingName');
      if (!/^[A-Za-z0-9:_-]{1,128}$/.test(name))
        throw new ServiceError(
          'InvalidRequestException',
          `thing name "${name}" may hold letters, digits, ":", "_" and "-"`,
        );
      const typeName = (input.thingTypeName as string | undefined) ?? null;
      if (typeName !== null && !plane.thingTypes().includes(typeName)) throw notFound('thing type', typeName);
      const attributes = ((input.attributePayload as Json | undefined)?.attributes ?? {}) as Record<string, string>;
      const thing = { name, typeName, attributes };
      const known = registry.things.get(name) ?? thing;
      if (known.typeName !== typeName || !isDeepStrictEqual(known.attributes, attributes))
        throw new ServiceError('ResourceAlreadyExistsException', `thing ${name} exists with other properties`, 409);
      registry.putThing(thing);
      return describe(thing);
    }),
    DescribeThing: on(plane, 'DescribeThing', [resource, 'thingName'], (input) =>
      describe(findThing(registry, text(input, 'thingName'))),
    ),
    DeleteThing: on(plane, 'DeleteThing', [resource, 'thingName'], (input) => {
      const name = text(input, 'thingName');
      if ([...registry.certificates.values()].some((c) => c.things.includes(name))) {
        throw new ServiceError('InvalidRequestException', `thing ${name} still has a certificate attached`);
      }
      registry.deleteThing(name);
      return {};
    }),
    ListThings: onAll('ListThings', [], () => ({ things: [...registry.things.values()].map(describe) })),
    ListThingPrincipals: on(plane, 'ListThingPrincipals', [resource, 'thingName'], (input) => ({
      principals: [...registry.certificates.values()]
        .filter((c) => c.things.includes(text(input, 'thingName')))
        .map((c) => certificateArn(cloud, c.id)),
    })),
    DescribeEndpoint: onAll('DescribeEndpoint', ['endpointType'], ({ endpointType }) => {
      if (endpointType !== 'iot:Data-ATS')
        throw new ServiceError(
          'InvalidRequestException',
          `endpointType: got ${endpointType}, modelled is iot:Data-ATS`,
        );
      return { endpointAddress: plane.endpointAddress() };
    }),
  };
}

/** Keys and a certificate that nothing is attached to yet. */
export function makeCertificate(
  { cloud, registry, authority }: Pick<ControlPlane, 'cloud' | 'registry' | 'authority'>,
  status: Certificate['status'],
): NewCertificate {
  const issued = issueCertificate(authority, { commonName: 'AWS IoT Certificate', usage: 'client' });
  const { certificatePem, privateKeyPem: privateKey } = issued;
  const id = certificateIdOf(certificatePem);
  registry.putCertificate({ id, pem: certificatePem, status, policies: [], things: [], createdAtMs: cloud.nowMs() });
  return { certificateId: id, certificatePem, privateKey };
}

function certificateOperations(plane: ControlPlane): Record<string, Operation> {
  const { cloud, registry } = plane;
  const resource = (input: Json): string => `cert/${text(input, 'certificateId')}`;
  return {
    CreateKeysAndCertificate: onAll('CreateKeysAndCertificate', ['setAsActive'], (input) => {
      const status = String(input.setAsActive) === 'true' ? 'ACTIVE' : 'INACTIVE';
      const { certificateId, certificatePem, privateKey } = makeCertificate(plane, status);
      return {
        certificateArn: certificateArn(cloud, certificateId),
        certificateId,
        certificatePem,
        keyPair: { PublicKey: publicKeyPem(privateKey), PrivateKey: privateKey },
      };
    }),
    DescribeCertificate: on(plane, 'DescribeCertificate', [resource, 'certificateId'], (input) => {
      const found = findCertificate(registry, text(input, 'certificateId'));
      return {
        certificateDescription: {
          certificateArn: certificateArn(cloud, found.id),
          certificateId: found.id,
          certificatePem: found.pem,
          status: found.status,
          creationDate: found.createdAtMs / 1000,
        },
      };
    }),
    UpdateCertificate: on(plane, 'UpdateCertificate', [resource, 'certificateId newStatus'], (input) => {
      const found = findCertificate(registry, text(input, 'certificateId'));
      const status = text(input, 'newStatus');
      if (status !== 'ACTIVE' && status !== 'INACTIVE' && status !== 'REVOKED') {
        throw new ServiceError(
          'InvalidRequestException',
          `newStatus: got "${status}", allowed are ACTIVE, INACTIVE, REVOKED`,
        );
      }
      registry.putCertificate({ ...found, status });
      if (status !== 'ACTIVE') plane.disconnect(found.id);
      return {};
    }),
    DeleteCertificate: on(plane, 'DeleteCertificate', [resource, 'certificateId forceDelete'], (input) => {
      const found = findCertificate(registry, text(input, 'certificateId'));
      if (found.status === 'ACTIVE')
        throw new ServiceError('CertificateStateException', `certificate ${found.id} is ACTIVE`, 406);
      if (found.things.length + found.policies.length > 0 && String(input.forceDelete) !== 'true') {
        throw new ServiceError(
          'DeleteConflictException',
          `certificate ${found.id} still has things or policies attached`,
          409,
        );
      }
      registry.deleteCertificate(found.id);
      return {};
    }),
  };
}

function attachmentOperations(plane: ControlPlane): Record<string, Operation> {
  const { cloud, registry } = plane;
  const ofPolicy = (input: Json): string => `policy/${text(input, 'policyName')}`;
  const ofThing = (input: Json): string => `thing/${text(input, 'thingName')}`;
  const change = (principal: string, edit: (certificate: Certificate) => Certificate): Json => {
    registry.putCertificate(edit(findCertificate(registry, certificateIdFrom(principal))));
    return {};
  };
  const without = (list: readonly string[], name: string): string[] => list.filter((n) => n !== name);
  return {
    AttachPolicy: on(plane, 'AttachPolicy', [ofPolicy, 'policyName target'], (input) => {
      const name = text(input, 'policyName');
      if (!plane.policyNames().includes(name)) throw notFound('policy', name);
      return change(text(input, 'target'), (c) => ({ ...c, policies: [...without(c.policies, name), name] }));
    }),
    DetachPolicy: on(plane, 'DetachPolicy', [ofPolicy, 'policyName target'], (input) =>
      change(text(input, 'target'), (c) => ({ ...c, policies: without(c.policies, text(input, 'policyName')) })),
    ),
    ListAttachedPolicies: onAll('ListAttachedPolicies', ['target'], (input) => ({
      policies: findCertificate(registry, certificateIdFrom(text(input, 'target'))).policies.map((policyName) => ({
        policyName,
        policyArn: formatArn(cloud, 'iot', `policy/${policyName}`),
      })),
    })),
    AttachThingPrincipal: on(plane, 'AttachThingPrincipal', [ofThing, 'thingName principal'], (input) => {
      const { name } = findThing(registry, text(input, 'thingName'));
      return change(text(input, 'principal'), (c) => ({ ...c, things: [...without(c.things, name), name] }));
    }),
    DetachThingPrincipal: on(plane, 'DetachThingPrincipal', [ofThing, 'thingName principal'], (input) =>
      change(text(input, 'principal'), (c) => ({ ...c, things: without(c.things, text(input, 'thingName')) })),
    ),
  };
}

const publicKeyPem = (privateKeyPem: string): string =>
  createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString();

const certificateArn = (cloud: Cloud, id: string): string => formatArn(cloud, 'iot', `cert/${id}`);
const certificateIdFrom = (arn: string): string => arn.split('/').at(-1) ?? arn;

function findThing(registry: IotRegistry, name: string): Thing {
  const thing = registry.things.get(name);
  if (thing === undefined) throw notFound('thing', name);
  return thing;
}

function findCertificate(registry: IotRegistry, id: string): Certificate {
  const certificate = registry.certificates.get(id);
  if (certificate === undefined) throw notFound('certificate', id);
  return certificate;
}
