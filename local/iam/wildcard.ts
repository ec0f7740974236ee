const patterns = new Map<string, RegExp>();

/** IAM's wildcards: `*` is any run of characters, `?` is one. Patterns come from policies, so their number is bounded. */
export function toPattern(text: string, flags = ''): RegExp {
  const known = patterns.get(text + flags);
  if (known !== undefined) return known;
  const source = text
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const pattern = new RegExp(`^${source}$`, `s${flags}`);
  patterns.set(text + flags, pattern);
  return pattern;
}

export const matchesWildcard = (pattern: string, text: string): boolean => toPattern(pattern).test(text);
