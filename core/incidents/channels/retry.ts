/**
 * What a receiver's answer means for the notice. A definite refusal (a form, an address or a key that is wrong) is the same however
 * often it is asked; a timeout (408, RFC 9110), too early (425, RFC 8470), too many (429, RFC 6585) and what is wrong on its
 * own side pass. PagerDuty's Events API v2 says the same: 400 is not to be tried again, 429 and 5xx are.
 */
export const isRefusal = (status: number): boolean => status >= 400 && status < 500 && !passing.includes(status);

const passing: readonly number[] = [408, 425, 429];

export interface RetrySpacing {
  readonly firstS: number;
  readonly longestS: number;
}

/** A receiver may ask for more than the longest spacing, but not for hours: its notices would be old. */
export const longestAskedS = 900;

/** How long a notice waits that was received so often, and whose receiver asked for so long, if it did. */
export function retryDelayS(receives: number, askedS: number | null, { firstS, longestS }: RetrySpacing): number {
  const grownS = Math.min(longestS, firstS * 2 ** (Math.max(1, receives) - 1));
  return Math.max(grownS, Math.min(longestAskedS, askedS ?? 0));
}

/** Of a Retry-After header in seconds; its other form, a date, is taken for none. */
export const readRetryAfterS = (header: string | null): number | null =>
  header !== null && /^\d{1,9}$/.test(header.trim()) ? Number(header) : null;
