import type { ChannelNotice } from './channel-notice.ts';

/** For whatever else listens, a CMMS above all: the notice whole, versioned, with an id that tells a repetition. */
export const toWebhook = ({ notice, wording, links }: ChannelNotice) => ({
  schemaVersion: 1,
  id: notice.noticeId,
  kind: notice.kind,
  at: new Date(notice.atMs).toISOString(),
  title: wording.subject,
  text: wording.body,
  page: notice.page,
  incident: notice.incident,
  links,
});
