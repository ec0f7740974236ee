import { machinesOf } from '../incident.ts';
import { titleOf, whereOf } from '../wording.ts';
import type { ChannelNotice } from './channel-notice.ts';

/**
 * A custom notification of Amazon Q Developer in chat applications, schema 1.0, which a topic carries to a Slack or Teams
 * channel (administrator guide, "Custom notifications"). One incident is one thread. A description stays below
 * 8,000 characters, which is remembered and not confirmed.
 */
export interface AmazonQNotification {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly id: string;
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: string;
    readonly relatedResources: readonly string[];
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

const mostCharacters = 8000;
const mostResources = 20;

export function toAmazonQ({ notice, wording, links }: ChannelNotice): AmazonQNotification {
  const { incident, kind, noticeId } = notice;
  const { advice, transition } = incident.caseFile;
  const steps = [
    advice?.action,
    advice?.requiredCheck,
    links.acknowledge === null ? undefined : `<${links.acknowledge}|Acknowledge>`,
  ].filter((step) => step !== undefined);
  return {
    version: '1.0',
    source: 'custom',
    id: noticeId,
    content: {
      textType: 'client-markdown',
      title: wording.subject,
      description:
        `*${titleOf(incident)}*\n${whereOf(incident)}\nsince ${new Date(incident.openedAtMs).toISOString()}`.slice(
          0,
          mostCharacters,
        ),
      nextSteps: steps,
      keywords: [incident.severity, incident.site, transition.code],
    },
    metadata: {
      threadId: incident.incidentId,
      summary: wording.subject,
      eventType: `incident ${kind}`,
      relatedResources: machinesOf(incident).slice(0, mostResources),
      additionalContext: { runbook: links.runbook, decision: advice?.decision ?? 'none' },
    },
  };
}
