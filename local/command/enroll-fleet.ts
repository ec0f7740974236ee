/** Enrols the simulated machines: thing, certificate, policy, registry entry, and a credentials folder each. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownTypes } from '../../core/machine-types/known.ts';
import { machineCatalogue } from '../../simulator/catalogue.ts';
import { formatArn, type Json, owner } from '../engine.ts';
import { certificateIdOf } from '../iot/registry.ts';
import type { Laptop } from '../laptop.ts';
import { replaceFile } from '../replace-file.ts';
import type { StartArguments } from './arguments.ts';

export interface FleetMachine {
  readonly machineId: string;
  readonly machineType: string;
}

export function listFleet({ machines, config }: Pick<StartArguments, 'machines' | 'config'>): FleetMachine[] {
  const simulated = machines.flatMap(({ type, count }) =>
    Array.from({ length: count }, (_, i) => ({
      machineId: machineCatalogue[type]!.nameMachine(i + 1),
      machineType: type,
    })),
  );
  return [...simulated, ...(config?.machines ?? []).map(({ id }) => ({ machineId: id, machineType: 'generic' }))];
}

/** A sentence for each sensor of the list that the type of its machines has no signal for. */
export function tellUnseenSensors(config: StartArguments['config']): string[] {
  const signals = knownTypes.findType('generic')?.signals ?? [];
  const read = new Set(signals.map(({ path }) => path));
  return (config?.machines ?? []).flatMap(({ id, sensors }) =>
    Object.keys(sensors)
      .filter((sensor) => !read.has(`sensors.${sensor}`))
      .map(
        (sensor) =>
          `${id}: no twin looks at ${sensor}; type generic knows ${signals.map(({ name }) => name).join(', ')}, and core/machine-types/plant.json takes types of your own`,
      ),
  );
}

/** Machines whose credentials are known here keep them. */
export async function enrollFleet(laptop: Laptop, fleet: readonly FleetMachine[], folder: string): Promise<void> {
  writeConnection(laptop, folder);
  const policyName = findPolicy(laptop);
  const registryTable = findRegistryTable(laptop);
  for (const machine of fleet) {
    await register(laptop, registryTable, machine);
    const own = join(folder, machine.machineId);
    const certificateId = findKnown(laptop, own);
    if (certificateId === null) await issueCredentials(laptop, policyName, machine, own);
    // Enrolled while another stage ran here: this one has a policy of its own.
    else if (!laptop.iot.isAttached(certificateId, policyName)) await attach(laptop, policyName, certificateId);
  }
}

/** What any machine needs to connect, a plant's own beside the simulated ones. */
export function writeConnection(laptop: Laptop, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'ca.pem'), laptop.iot.caPem);
  writeFileSync(join(folder, 'endpoint.json'), JSON.stringify({ endpoint: `mqtts://localhost:${laptop.iot.port()}` }));
}

/** The key is written last: where it is, the certificate is too. */
function findKnown(laptop: Laptop, folder: string): string | null {
  if (!existsSync(join(folder, 'private.key'))) return null;
  const certificateId = certificateIdOf(readFileSync(join(folder, 'cert.pem'), 'utf8'));
  return laptop.iot.knowsCertificate(certificateId) ? certificateId : null;
}

async function attach(laptop: Laptop, policyName: string, certificateId: string): Promise<void> {
  const target = formatArn(laptop.cloud, 'iot', `cert/${certificateId}`);
  await laptop.cloud.call('iot', 'AttachPolicy', { policyName, target }, owner);
}

async function issueCredentials(
  laptop: Laptop,
  policyName: string,
  machine: FleetMachine,
  folder: string,
): Promise<void> {
  const iot = (operation: string, input: Json): Promise<unknown> => laptop.cloud.call('iot', operation, input, owner);
  await iot('CreateThing', { thingName: machine.machineId });
  const certificate = (await iot('CreateKeysAndCertificate', { setAsActive: true })) as {
    certificateArn: string;
    certificatePem: string;
    keyPair: { PrivateKey: string };
  };
  await iot('AttachPolicy', { policyName, target: certificate.certificateArn });
  await iot('AttachThingPrincipal', { thingName: machine.machineId, principal: certificate.certificateArn });
  mkdirSync(folder, { recursive: true });
  replaceFile(join(folder, 'cert.pem'), certificate.certificatePem);
  replaceFile(join(folder, 'private.key'), certificate.keyPair.PrivateKey, 0o600);
}

async function register(laptop: Laptop, TableName: string, { machineId, machineType }: FleetMachine): Promise<void> {
  const Item = {
    machineId: { S: machineId },
    machineType: { S: machineType },
    name: { S: machineId },
    site: { S: 'laptop' },
    line: { S: machineType },
  };
  await laptop.cloud.call('dynamodb', 'PutItem', { TableName, Item }, owner);
}

function findPolicy(laptop: Laptop): string {
  const name = laptop.iot.findMachinePolicy();
  if (name === undefined) throw new Error('the template has no AWS::IoT::Policy for a thing: no machine could connect');
  return name;
}

/** The functions are told where the registry is; so is this. */
function findRegistryTable(laptop: Laptop): string {
  for (const { settings } of laptop.lambda.listFunctions()) {
    if (settings.environment.REGISTRY_TABLE !== undefined) return settings.environment.REGISTRY_TABLE;
  }
  throw new Error(
    'no function of the template has REGISTRY_TABLE in its environment: machines could not be registered',
  );
}
