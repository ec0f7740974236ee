import { type IoTClient, ListThingPrincipalsCommand, ResourceNotFoundException } from '@aws-sdk/client-iot';
import type { Certificates } from '../ports/certificates.ts';

export class IotCertificates implements Certificates {
  private readonly client: IoTClient;

  constructor(client: IoTClient) {
    this.client = client;
  }

  async countOf(machineId: string): Promise<number> {
    try {
      const answer = await this.client.send(new ListThingPrincipalsCommand({ thingName: machineId }));
      return answer.principals?.length ?? 0;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return 0;
      throw error;
    }
  }
}
