import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cloud, type Engine, formatArn, type ResourceModel } from '../engine.ts';
import { replaceFile } from '../replace-file.ts';
import { Broker, type BrokerDecisions, type Connection } from './broker.ts';
import { type CertificateAuthority, createCa, issueCertificate } from './certificate-authority.ts';
import { createControlPlane, makeCertificate } from './control-plane.ts';
import { createFleetProvisioning } from './fleet-provisioning.ts';
import {
  type ConnectionVariables,
  isAllowed,
  type PolicyDocument,
  readPolicyDocument,
  speaksOfThing,
} from './policy.ts';
import { IotRegistry } from './registry.ts';
import { iotRoutes } from './routes.ts';
import { createRulesEngine } from './rules.ts';

export interface IotOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Asked before a message goes on: null, or when it may. */
  readonly waitForRoom?: () => Promise<void> | null;
}

export interface IotEngine extends Engine {
  /** Where machines connect, once started; their credentials come from the control plane's calls. */
  readonly port: () => number;
  readonly caPem: string;
  knowsCertificate(id: string): boolean;
  isAttached(certificateId: string, policyName: string): boolean;
  /** The policy for machines: of those of the template the one that speaks of the connected thing. */
  findMachinePolicy(): string | undefined;
}

const mqttTlsPort = 8883;
const maxRememberedVerdicts = 100;

/** IoT Core: the broker with its certificates and policies, the rules engine, and the control plane. */
export function createIotEngine(cloud: Cloud, options: IotOptions): IotEngine {
  const folder = join(cloud.dataFolder, 'iot');
  const authority = loadAuthority(folder);
  const registry = new IotRegistry(join(folder, 'registry.ndjson'));
  const policies = new Map<string, PolicyDocument>();
  const thingTypes = new Set<string>();
  const rules = createRulesEngine(cloud);
  const provisioning = createFleetProvisioning(cloud, () =>
    makeCertificate({ cloud, registry, authority }, 'PENDING_ACTIVATION'),
  );
  let port = options.port;

  const decisions: BrokerDecisions = {
    mayConnect: (connection) => decide(connection, 'iot:Connect', `client/${connection.clientId}`),
    may: (connection, action, topic) =>
      decide(connection, `iot:${action}`, `${action === 'Subscribe' ? 'topicfilter' : 'topic'}/${topic}`),
    deliver: async (message) => {
      const answered = provisioning.answer(message);
      if (answered !== null) {
        const { topic, payload } = await answered;
        return broker.answer(message.connection, topic, JSON.stringify(payload));
      }
      await options.waitForRoom?.();
      cloud.ledger.published(message.topic, message.payload, cloud.nowMs());
      return rules.dispatch(message);
    },
    tell: (message) => cloud.tell('iot', message),
  };
  const server = issueCertificate(authority, {
    commonName: 'localhost',
    usage: 'server',
    dnsNames: ['localhost'],
    ips: ['127.0.0.1', '::1'],
  });
  const broker = new Broker({ ...options, caPem: authority.certificatePem, ...server }, decisions);

  let verdicts = new WeakMap<Connection, Map<string, boolean>>();
  let verdictsOfVersion = registry.version;

  /** A machine asks the same for each of its messages; a change in the registry opens every question again. */
  function decide(connection: Connection, action: string, resource: string): boolean {
    if (verdictsOfVersion !== registry.version) verdicts = new WeakMap();
    verdictsOfVersion = registry.version;
    const known = verdicts.get(connection) ?? new Map<string, boolean>();
    if (known.size > maxRememberedVerdicts) known.clear();
    verdicts.set(connection, known);
    const question = `${action} ${resource}`;
    const verdict = known.get(question) ?? judge(connection, action, resource);
    known.set(question, verdict);
    return verdict;
  }

  function judge(connection: Connection, action: string, resource: string): boolean {
    const certificate = registry.certificates.get(connection.certificateId);
    if (certificate?.status !== 'ACTIVE') return false;
    const documents = certificate.policies.flatMap((name) => policies.get(name) ?? []);
    const variables = readVariables(registry, connection);
    return isAllowed(documents, { action, resource: formatArn(cloud, 'iot', resource), variables });
  }

  return {
    name: 'iot',
    operations: createControlPlane({
      cloud,
      registry,
      authority,
      policyNames: () => [...policies.keys()],
      thingTypes: () => [...thingTypes],
      endpointAddress: () => (port === mqttTlsPort ? 'localhost' : `localhost:${port}`),
      disconnect: (certificateId) => broker.disconnect(certificateId),
    }),
    resources: {
      'AWS::IoT::TopicRule': rules.model,
      'AWS::IoT::Policy': policyModel(cloud, policies),
      'AWS::IoT::ProvisioningTemplate': provisioning.model,
      'AWS::IoT::ThingType': thingTypeModel(cloud, thingTypes),
    },
    routes: iotRoutes,
    start: async () => {
      port = await broker.start();
    },
    stop: () => broker.stop(),
    port: () => port,
    caPem: authority.certificatePem,
    findMachinePolicy: () => [...policies].find(([, document]) => speaksOfThing(document))?.[0],
    isAttached: (id, policyName) => registry.certificates.get(id)?.policies.includes(policyName) === true,
    knowsCertificate: (id) => registry.certificates.has(id),
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

function thingTypeModel(cloud: Cloud, thingTypes: Set<string>): ResourceModel {
  return {
    properties: ['ThingTypeName', 'ThingTypeProperties.*', 'Tags.*'],
    create: ({ properties, physicalName }) => {
      const name = typeof properties.ThingTypeName === 'string' ? properties.ThingTypeName : physicalName;
      thingTypes.add(name);
      return { ref: name, attributes: { Arn: formatArn(cloud, 'iot', `thingtype/${name}`), Id: name } };
    },
  };
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

/** The local certificate authority is made once and stays, so that enrolled machines keep their certificates. */
function loadAuthority(folder: string): CertificateAuthority {
  const file = join(folder, 'authority.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as CertificateAuthority;
  const authority = createCa();
  mkdirSync(folder, { recursive: true });
  replaceFile(file, JSON.stringify(authority), 0o600);
  return authority;
}
