/**
 * Fleet provisioning by claim: a machine with a certificate that many share asks for one of its own, and becomes a thing by
 * the template, if the template's hook lets it. Modelled are keys made by IoT Core, in JSON. Source: AWS IoT developer
 * guide, "Device provisioning MQTT API", "Pre-provisioning hooks"; `AccessDenied` is as a forum has it.
 */
import { randomUUID } from 'node:crypto';
import { type Caller, type Cloud, formatArn, type Json, type ResourceModel, ServiceError } from '../engine.ts';
import type { InboundMessage } from './broker.ts';
import { certificateParameter, type MachineTemplate, readMachineTemplate } from './provisioning-template.ts';

export interface FleetProvisioning {
  readonly model: ResourceModel;
  /** The answer to a request, and where it goes; null for any other message. */
  answer(message: InboundMessage): Promise<Reply> | null;
}

export interface Reply {
  readonly topic: string;
  readonly payload: Json;
}

export interface NewCertificate {
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly privateKey: string;
}

interface Template extends MachineTemplate {
  readonly arn: string;
  readonly isEnabled: boolean;
  readonly role: Caller;
  readonly hookArn: string | null;
}

/** Who has the token owns the certificate, for an hour. */
interface Ownership {
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly untilMs: number;
}

interface Desk {
  readonly cloud: Cloud;
  readonly createCertificate: () => NewCertificate;
  readonly templates: Map<string, Template>;
  readonly owned: Map<string, Ownership>;
}

const ownershipMs = 3_600_000;
const createTopic = '$aws/certificates/create/json';
const provisionTopic = /^\$aws\/provisioning-templates\/([\w-]+)\/provision\/json$/;

export function createFleetProvisioning(cloud: Cloud, createCertificate: () => NewCertificate): FleetProvisioning {
  const desk: Desk = { cloud, createCertificate, templates: new Map(), owned: new Map() };
  return {
    model: templateModel(desk),
    answer: (message) => {
      if (!message.topic.startsWith('$')) return null;
      const [, name] = provisionTopic.exec(message.topic) ?? [];
      if (name !== undefined) return reply(message.topic, () => register(desk, name, message));
      return message.topic === createTopic ? reply(message.topic, async () => giveCertificate(desk)) : null;
    },
  };
}

const templateModel = ({ cloud, templates }: Desk): ResourceModel => ({
  properties: [
    ...['TemplateName', 'Description', 'Enabled', 'TemplateType', 'TemplateBody', 'ProvisioningRoleArn', 'Tags.*'],
    ...['PreProvisioningHook.PayloadVersion', 'PreProvisioningHook.TargetArn'],
  ],
  create: ({ properties, physicalName }) => {
    const { TemplateName: name = physicalName, TemplateType: type, Enabled, PreProvisioningHook: hook } = properties;
    if (type !== 'FLEET_PROVISIONING') throw new Error(`TemplateType: got "${type}", modelled is FLEET_PROVISIONING`);
    const arn = formatArn(cloud, 'iot', `provisioningtemplate/${name}`);
    templates.set(String(name), {
      ...readMachineTemplate(String(properties.TemplateBody)),
      arn,
      isEnabled: Enabled === true,
      role: cloud.iam.assume(String(properties.ProvisioningRoleArn), 'iot.amazonaws.com'),
      hookArn: hook === undefined ? null : String((hook as Json).TargetArn),
    });
    return { ref: String(name), attributes: { TemplateArn: arn } };
  },
});

async function reply(topic: string, work: () => Promise<Json>): Promise<Reply> {
  try {
    return { topic: `${topic}/accepted`, payload: await work() };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { statusCode, name: errorCode, message: errorMessage } = error;
    return { topic: `${topic}/rejected`, payload: { statusCode, errorCode, errorMessage } };
  }
}

function giveCertificate({ cloud, createCertificate, owned }: Desk): Json {
  const created = createCertificate();
  const certificateOwnershipToken = randomUUID();
  for (const [token, { untilMs }] of owned) if (untilMs <= cloud.nowMs()) owned.delete(token);
  owned.set(certificateOwnershipToken, { ...created, untilMs: cloud.nowMs() + ownershipMs });
  return { ...created, certificateOwnershipToken };
}

async function register(desk: Desk, name: string, { payload, connection }: InboundMessage): Promise<Json> {
  const { cloud, owned } = desk;
  const template = desk.templates.get(name);
  if (template?.isEnabled !== true) throw new ServiceError('ResourceNotFound', `template ${name} does not exist`, 404);
  const { certificateOwnershipToken: token, parameters = {} } = readRequest(payload);
  const ownership = owned.get(String(token));
  if (ownership === undefined || ownership.untilMs <= cloud.nowMs()) {
    throw new ServiceError('InvalidCertificateOwnershipToken', 'the certificate ownership token does not hold', 403);
  }
  const { certificateId, certificatePem } = ownership;
  const asked = { ...connectionOf(connection), certificateId, certificatePem, templateArn: template.arn, parameters };
  const overrides = await askHook(cloud, template, asked);
  const given = { ...parameters, ...overrides, [certificateParameter]: certificateId };
  const thingName = await makeThing(cloud, template, given);
  owned.delete(String(token));
  return { deviceConfiguration: {}, thingName };
}

const connectionOf = ({ certificateId, clientId }: InboundMessage['connection']) => ({
  claimCertificateId: certificateId,
  clientId,
});

function readRequest(payload: Uint8Array): {
  certificateOwnershipToken?: unknown;
  parameters?: Record<string, string>;
} {
  try {
    return JSON.parse(Buffer.from(payload).toString()) as object;
  } catch {
    throw new ServiceError('InvalidRequest', 'the payload is no JSON', 400);
  }
}

/** The parameters that the hook gives; a refusal, a failure and a late answer all let nobody in. */
async function askHook(
  cloud: Cloud,
  { hookArn, arn }: Template,
  asked: Json,
): Promise<Readonly<Record<string, string>>> {
  if (hookArn === null) return {};
  const caller: Caller = { kind: 'service', name: 'iot.amazonaws.com', sourceArn: arn };
  const call = { FunctionName: hookArn, Payload: JSON.stringify(asked) };
  const outcome = (await cloud.call('lambda', 'Invoke', call, caller)) as Json;
  const answer = outcome.FunctionError === undefined ? (JSON.parse(String(outcome.Payload)) as Json | null) : null;
  if (answer?.allowProvisioning !== true) throw new ServiceError('AccessDenied', 'Access Denied', 403);
  return (answer.parameterOverrides ?? {}) as Record<string, string>;
}

async function makeThing(cloud: Cloud, template: Template, given: Readonly<Record<string, string>>): Promise<string> {
  const missing = template.needed.find((name) => given[name] === undefined);
  if (missing !== undefined) throw new ServiceError('InvalidParameters', `parameter ${missing} is missing`, 400);
  const { thingName, thingTypeName, policyName } = template.fill(given);
  const certificateId = given[certificateParameter]!;
  const principal = formatArn(cloud, 'iot', `cert/${certificateId}`);
  const iot = (operation: string, input: Json): Promise<unknown> => cloud.call('iot', operation, input, template.role);
  const making = iot('CreateThing', { thingName, ...(thingTypeName === undefined ? {} : { thingTypeName }) });
  // A thing that is there stays as it is where the template overrides nothing.
  await making.catch((error: Error) => {
    if (error.name !== 'ResourceAlreadyExistsException') throw error;
  });
  await iot('UpdateCertificate', { certificateId, newStatus: 'ACTIVE' });
  await iot('AttachPolicy', { policyName, target: principal });
  await iot('AttachThingPrincipal', { thingName, principal });
  return thingName;
}
