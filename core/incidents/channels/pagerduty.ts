import type { Severity } from '../../detection/observation.ts';
import type { NoticeKind } from '../lifecycle.ts';
import type { ChannelNotice } from './channel-notice.ts';

/**
 * An event for PagerDuty's Events API v2: trigger, acknowledge, resolve under one dedup_key, so that an incident here is
 * one there. The routing key is a secret and is put in by whoever sends it. Limits (developer.pagerduty.com, "Send an alert
 * event"): summary 1,024 characters, dedup_key 255.
 */
export interface PagerDutyEvent {
  readonly event_action: 'trigger' | 'acknowledge' | 'resolve';
  readonly dedup_key: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly links?: readonly { readonly href: string; readonly text: string }[];
}

const actions: Readonly<Record<NoticeKind, PagerDutyEvent['event_action']>> = {
  opened: 'trigger',
  worsened: 'trigger',
  grouped: 'trigger',
  escalated: 'trigger',
  shelf_ended: 'trigger',
  acknowledged: 'acknowledge',
  closed: 'resolve',
};

const severities: Readonly<Record<Severity, string>> = {
  normal: 'info',
  watch: 'info',
  warning: 'warning',
  critical: 'critical',
};

export function toPagerDutyEvent({ notice, wording, links }: ChannelNotice): PagerDutyEvent {
  const { incident, kind } = notice;
  const event_action = actions[kind];
  const dedup_key = incident.incidentId.slice(0, 255);
  if (event_action !== 'trigger') return { event_action, dedup_key };
  const { machine, transition, advice, causes } = incident.caseFile;
  return {
    event_action,
    dedup_key,
    payload: {
      summary: wording.subject.slice(0, 1024),
      source: incident.kind === 'group' ? incident.site : machine.machineId,
      severity: severities[incident.severity],
      timestamp: new Date(incident.openedAtMs).toISOString(),
      component: causes[0]?.component ?? machine.machineType,
      group: `${machine.site}/${machine.line}`,
      class: transition.code,
      custom_details: { decision: advice?.decision ?? null, action: advice?.action ?? null, text: wording.body },
    },
    links: [
      ...(links.acknowledge === null ? [] : [{ href: links.acknowledge, text: 'Acknowledge' }]),
      ...(links.incident === null ? [] : [{ href: links.incident, text: 'Look' }]),
    ],
  };
}
