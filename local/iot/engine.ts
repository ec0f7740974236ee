import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cloud, type Engine, formatArn, type ResourceModel } from '../engine.ts';
import { replaceFile } from '../replace-file.ts';
import { Broker, type BrokerDecisions } from './broker.ts';
import { type CertificateAuthority, createCa, issueCertificate } from './certificate-authority.ts';
import { createControlPlane, makeCertificate } from './control-plane.ts';
import { createFleetProvisioning } from './fleet-provisioning.ts';
import { createPermissions } from './permissions.ts';
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
const ofLaptop = {
  commonName: 'localhost',
  usage: 'server',
  dnsNames: ['localhost'],
  ips: ['127.0.0.1', '::1'],
} as const;

/** IoT Core: the broker with its certificates and policies, the rules engine, and the control plane. */
export function createIotEngine(cloud: Cloud, options: IotOptions): IotEngine {
  const folder = join(cloud.dataFolder, 'iot');
  const authority = loadAuthority(folder);
  const registry = new IotRegistry(join(folder, 'registry.ndjson'));
  const permissions = createPermissions(cloud, registry);
  const thingTypes = new Set<string>();
  const rules = createRulesEngine(cloud);
  const provisioning = createFleetProvisioning(cloud, () =>
    makeCertificate({ cloud, registry, authority }, 'PENDING_ACTIVATION'),
  );
  let port = options.port;

  const decisions: BrokerDecisions = {
    mayConnect: (connection) => permissions.decide(connection, 'iot:Connect', `client/${connection.clientId}`),
    may: (connection, action, topic) =>
      permissions.decide(connection, `iot:${action}`, `${action === 'Subscribe' ? 'topicfilter' : 'topic'}/${topic}`),
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
  const server = issueCertificate(authority, ofLaptop);
  const broker = new Broker({ ...options, caPem: authority.certificatePem, ...server }, decisions);

  return {
    name: 'iot',
    operations: createControlPlane({
      cloud,
      registry,
      authority,
      policyNames: permissions.names,
      thingTypes: () => [...thingTypes],
      endpointAddress: () => (port === mqttTlsPort ? 'localhost' : `localhost:${port}`),
      disconnect: (certificateId) => broker.disconnect(certificateId),
    }),
    resources: {
      'AWS::IoT::TopicRule': rules.model,
      'AWS::IoT::Policy': permissions.model,
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
    findMachinePolicy: permissions.findForMachines,
    isAttached: (id, policyName) => registry.certificates.get(id)?.policies.includes(policyName) === true,
    knowsCertificate: (id) => registry.certificates.has(id),
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

/** The local certificate authority is made once and stays, so that enrolled machines keep their certificates. */
function loadAuthority(folder: string): CertificateAuthority {
  const file = join(folder, 'authority.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as CertificateAuthority;
  const authority = createCa();
  mkdirSync(folder, { recursive: true });
  replaceFile(file, JSON.stringify(authority), 0o600);
  return authority;
}
