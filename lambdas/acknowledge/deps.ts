import type { Mac } from '../../core/incidents/acknowledge-link.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { PersonEvent } from '../../core/incidents/lifecycle.ts';
import type { Result } from '../../core/result.ts';
import type { ChannelSender } from '../ports/channel-sender.ts';
import type { IncidentStore } from '../ports/incident-store.ts';
import type { Log } from '../ports/telling.ts';

export interface SlackApp {
  /** HMAC with the app's signing secret. */
  readonly loadMac: () => Promise<Mac>;
  /** Answers in the channel. */
  readonly sender: ChannelSender;
}

export interface AcknowledgeDeps {
  readonly store: IncidentStore;
  readonly act: (incidentId: string, event: PersonEvent) => Promise<Result<Incident, string>>;
  readonly loadMac: () => Promise<Mac>;
  readonly nowMs: () => number;
  /** Null where the stage has no Slack app. */
  readonly slack: SlackApp | null;
  readonly log: Log;
}

/** A function URL's request (payload format 2.0), as far as it is used. */
export interface UrlRequest {
  readonly rawPath?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly queryStringParameters?: { readonly link?: string };
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: { readonly http: { readonly method: string } };
}
