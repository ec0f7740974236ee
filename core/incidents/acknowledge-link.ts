import { failure, type Result, success } from '../result.ts';

/**
 * A link that acknowledges one incident once: `<claim>.<mac>`, the claim being incident, recipient and end. The MAC
 * makes it unforgeable, the end short-lived, and a mark in the store (by `linkId`) single-use. A GET only shows a page
 * with a button, so that a mail scanner that follows links acknowledges nothing. It fails to tell who clicked: whoever
 * has the mail has the right, which is why it can acknowledge and nothing else.
 */
export interface AcknowledgeClaim {
  readonly incidentId: string;
  /** Whom the notification went to: `critical`, or an address. */
  readonly recipient: string;
  readonly expiresAtMs: number;
  readonly linkId: string;
}

/** Keyed hash, as lower-case hexadecimal. */
export type Mac = (text: string) => string;

export const linkLifeMs = 24 * 3_600_000;

export function signLink(claim: AcknowledgeClaim, mac: Mac): string {
  const text = [claim.incidentId, claim.recipient, claim.expiresAtMs.toString(36), claim.linkId]
    .map(encodePart)
    .join('~');
  return `${text}.${mac(text)}`;
}

export function readLink(token: string, mac: Mac, nowMs: number): Result<AcknowledgeClaim, string> {
  const dot = token.lastIndexOf('.');
  const text = token.slice(0, dot);
  if (dot < 1 || !isEqual(mac(text), token.slice(dot + 1)))
    return failure('This link is not one of ours, or part of it is missing.');
  const [incidentId = '', recipient = '', expires = '', linkId = ''] = text.split('~').map(decodeURIComponent);
  const expiresAtMs = Number.parseInt(expires, 36);
  if (nowMs >= expiresAtMs)
    return failure(`This link ended ${new Date(expiresAtMs).toISOString()}. Acknowledge on the page.`);
  return success({ incidentId, recipient, expiresAtMs, linkId });
}

const encodePart = (part: string): string => encodeURIComponent(part).replaceAll('~', '%7E');

/** Takes the same time wherever the texts differ: the time must not tell how much of a forged MAC was right. */
export function isEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
