import { whereOf } from '../wording.ts';
import type { ChannelNotice } from './channel-notice.ts';

/**
 * A message for a Slack incoming webhook: a header, the facts, what to do, and a button. It leads to the confirm page; where
 * the stage has a Slack app (`links.slackButtons`), it acknowledges at once, as who pressed it.
 * Slack's limits (docs.slack.dev, "Block Kit"): header 150 characters, section 3,000, 10 fields of 2,000, 75 a button.
 */
export const acknowledgeActionId = 'acknowledge';

export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly Readonly<Record<string, unknown>>[];
}

export function toSlackMessage({ notice, wording, links }: ChannelNotice): SlackMessage {
  const { incident } = notice;
  const { advice } = incident.caseFile;
  const facts = [
    ['Where', whereOf(incident)],
    ['Since', new Date(incident.openedAtMs).toISOString()],
    ['How bad', incident.severity],
    ['State', incident.state.replaceAll('_', ' ')],
  ].map(([name, value]) => markdown(`*${name}*\n${escapeMarkup(value!)}`, 2000));
  const todo =
    advice === null
      ? []
      : [section(`*Do* ${escapeMarkup(advice.action)}\n*Check* ${escapeMarkup(advice.requiredCheck)}`)];
  const isOpen = incident.state === 'open';
  const acknowledge =
    links.slackButtons === true && isOpen ? pressButton(incident.incidentId) : linkButton(links.acknowledge);
  const more = links.incident === null ? [] : [pageButton(links.incident)];
  const elements = [...acknowledge, ...more];
  const buttons = elements.length === 0 ? [] : [{ type: 'actions', elements }];
  return {
    text: wording.subject,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: wording.subject.slice(0, 150) } },
      { type: 'section', fields: facts },
      ...todo,
      ...buttons,
      {
        type: 'context',
        elements: [markdown(`${escapeMarkup(incident.incidentId)} · runbook: ${escapeMarkup(links.runbook)}`, 2000)],
      },
    ],
  };
}

const markdown = (text: string, most: number) => ({ type: 'mrkdwn', text: text.slice(0, most) });
const section = (text: string) => ({ type: 'section', text: markdown(text, 3000) });
const primary = { type: 'button', style: 'primary', text: { type: 'plain_text', text: 'Acknowledge' } };
const linkButton = (url: string | null) =>
  url === null ? [] : [{ ...primary, action_id: 'acknowledge_by_link', url }];
/** Slack sends `value` back, signed: at most 2,000 characters. */
const pressButton = (incidentId: string) => [
  { ...primary, action_id: acknowledgeActionId, value: incidentId.slice(0, 2000) },
];
const pageButton = (url: string) => ({
  type: 'button',
  action_id: 'open_page',
  text: { type: 'plain_text', text: 'Look' },
  url,
});

/** The three characters that Slack's markdown takes for its own. */
const escapeMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
