import {
  type ApiGatewayManagementApiClient,
  GoneException,
  LimitExceededException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { Parcel, Posted, Poster } from '../ports/live.ts';
import { inParallel } from './in-parallel.ts';

/** As many as the client has sockets for: a request that waits for one would be taken for a slow reader's. */
export const postsInFlight = 50;

/** Sends to a client of the WebSocket API. A client that does not take it within the client's timeout counts as full. */
export class GatewayPoster implements Poster {
  private readonly client: ApiGatewayManagementApiClient;

  constructor(client: ApiGatewayManagementApiClient) {
    this.client = client;
  }

  post(parcels: readonly Parcel[]): Promise<readonly Posted[]> {
    return inParallel(parcels, postsInFlight, (parcel) => this.postParcel(parcel));
  }

  private async postParcel({ connectionId, texts }: Parcel): Promise<Posted> {
    for (const text of texts) {
      const posted = await this.postText(connectionId, text);
      if (posted !== 'sent') return posted;
    }
    return 'sent';
  }

  private async postText(connectionId: string, text: string): Promise<Posted> {
    try {
      await this.client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: Buffer.from(text) }));
      return 'sent';
    } catch (error) {
      if (error instanceof GoneException) return 'gone';
      if (error instanceof LimitExceededException || isPassing(error)) return 'full';
      throw error;
    }
  }
}

const isPassing = (error: unknown): boolean =>
  error instanceof Error && /Throttl|TooManyRequests|Timeout|InternalServer/.test(error.name);
