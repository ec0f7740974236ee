import { type Severity, severities } from '../../detection/observation.ts';
import type { ChannelNotice } from './channel-notice.ts';

/** A call of Telegram's sendMessage; text at most 4,096 characters, plain, so that nothing in it is taken for markup. */
export interface TelegramMessage {
  readonly chat_id: string;
  readonly text: string;
  readonly link_preview_options: { readonly is_disabled: true };
}

const mostCharacters = 4096;

/** FAULTY and BROKEN, as pumps call it, are a warning and worse: only they go to a phone. */
export function toTelegramMessage(
  { notice, wording }: ChannelNotice,
  chatId: string,
  atLeast: Severity = 'warning',
): TelegramMessage | null {
  const { severity } = notice.incident;
  if (severities.indexOf(severity) < severities.indexOf(atLeast)) return null;
  const text = `${wording.subject}\n\n${wording.body}`.slice(0, mostCharacters);
  return { chat_id: chatId, text, link_preview_options: { is_disabled: true } };
}
