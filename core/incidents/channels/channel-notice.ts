import type { Notice } from '../settle.ts';
import type { Links, Wording } from '../wording.ts';

/** What every channel makes its message of. */
export interface ChannelNotice {
  readonly notice: Notice;
  readonly wording: Wording;
  readonly links: Links;
}
