/** Held within a limit on both sides; NaN stays NaN. */
export const clip = (value: number, limit: number): number => Math.min(limit, Math.max(-limit, value));
