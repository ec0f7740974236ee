import { setTimeout as pause } from 'node:timers/promises';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeleteThingCommand,
  DescribeEndpointCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  InvalidRequestException,
  IoTClient,
  ListThingPrincipalsCommand,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { machinePolicyName, thingTypeName } from '../../lib/names.ts';

export interface Credentials {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** That a certificate is detached takes some seconds to be known everywhere (IoT API reference, DetachThingPrincipal). */
const pausesMs = [1000, 2000, 4000, 8000];

/** Makes and unmakes the identity of a machine in IoT Core: thing, certificate, policy. */
export class Enrolment {
  private readonly client: IoTClient;
  private readonly stageName: string;
  private readonly waitMs: (pauseMs: number) => Promise<unknown>;

  constructor(
    stageName: string,
    connection: { readonly region: string },
    waitMs: (pauseMs: number) => Promise<unknown> = pause,
  ) {
    this.client = new IoTClient(connection);
    this.stageName = stageName;
    this.waitMs = waitMs;
  }

  /** Where machines connect: the account's own host, with Amazon's certificate. */
  async findEndpoint(): Promise<string> {
    const { endpointAddress } = await this.client.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }));
    if (endpointAddress === undefined) throw new Error('IoT Core named no endpoint for this account');
    return endpointAddress;
  }

  /** The certificates of a machine; none where there is no such thing. */
  async principalsOf(machineId: string): Promise<readonly string[]> {
    try {
      const answer = await this.client.send(new ListThingPrincipalsCommand({ thingName: machineId }));
      return answer.principals ?? [];
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return [];
      throw error;
    }
  }

  /** A certificate that cannot be attached is taken back, so that no key without a machine stays valid. */
  async enrol(machineId: string, machineType: string): Promise<Credentials> {
    await this.client.send(
      new CreateThingCommand({ thingName: machineId, thingTypeName: thingTypeName(this.stageName, machineType) }),
    );
    const made = await this.client.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    const principal = made.certificateArn!;
    try {
      const policyName = machinePolicyName(this.stageName);
      await this.client.send(new AttachPolicyCommand({ policyName, target: principal }));
      await this.client.send(new AttachThingPrincipalCommand({ thingName: machineId, principal }));
    } catch (error) {
      await this.revoke(machineId, principal);
      throw error;
    }
    return { certificatePem: made.certificatePem!, privateKeyPem: made.keyPair!.PrivateKey! };
  }

  /** Deactivated first: whatever fails after that, the key no longer opens anything. */
  async revoke(machineId: string, principal: string): Promise<void> {
    const certificateId = principal.split('/').at(-1)!;
    const policyName = machinePolicyName(this.stageName);
    await this.client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
    await ignoreMissing(this.client.send(new DetachPolicyCommand({ policyName, target: principal })));
    await ignoreMissing(this.client.send(new DetachThingPrincipalCommand({ thingName: machineId, principal })));
    await this.client.send(new DeleteCertificateCommand({ certificateId }));
  }

  /** A type that a thing still has cannot be deleted, nor the stack that made it (IoT API reference, DeleteThingType). */
  async removeThing(thingName: string): Promise<void> {
    for (const pauseMs of pausesMs) {
      try {
        await this.client.send(new DeleteThingCommand({ thingName }));
        return;
      } catch (error) {
        if (!(error instanceof InvalidRequestException)) throw error;
        await this.waitMs(pauseMs);
      }
    }
    await this.client.send(new DeleteThingCommand({ thingName }));
  }
}

async function ignoreMissing(sent: Promise<unknown>): Promise<void> {
  await sent.catch((error: unknown) => {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  });
}
