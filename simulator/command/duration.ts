import { failure, type Result, success } from '../../core/result.ts';

const secondsOf: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };
const form = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)?$/;

/** Seconds from `90`, `90s`, `1.5m`, `2h`, `500ms`, `1d`. */
export function parseDuration(name: string, text: string): Result<number, string> {
  const [, number, unit = 's'] = form.exec(text) ?? [];
  if (number === undefined) return failure(`${name}: got "${text}", allowed is a time like 500ms, 90s, 15m, 2h or 1d`);
  return success(Number(number) * secondsOf[unit]!);
}
