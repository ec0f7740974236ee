export const formatMoment = (atMs: number): string => new Date(atMs).toISOString();
