/** A signal without a title is called by its name, less the unit at its end: `feed_rate_mm_min` is "Feed rate". */
const spelledUnits: Readonly<Record<string, readonly string[]>> = {
  '%': ['percent', 'pct'],
  'L/min': ['lpm', 'l_min'],
  N·m: ['nm'],
  h: ['hours', 'h'],
};

export function titleOfSignal({
  name,
  title,
  unit,
}: {
  name: string;
  title?: string | undefined;
  unit: string;
}): string {
  if (title !== undefined) return title;
  const plain = unit
    .toLowerCase()
    .replaceAll('µ', 'u')
    .replaceAll('³', '3')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  const endings = (spelledUnits[unit] ?? [plain]).map((spelled) => `_${spelled}`);
  const ending = endings.find((one) => one.length > 1 && name.endsWith(one) && name.length > one.length) ?? '';
  const words = name.slice(0, name.length - ending.length).replaceAll('_', ' ');
  return capitalise(writeShorthand(words));
}

/** What a shop never writes small: net positive suction head, the pass frequencies of a bearing's races. */
const shorthand = /\b(?:npsh|bpf[io])\b/gi;

/** `npsh_low` within a sentence. */
export const spaced = (code: string): string => writeShorthand(code.replaceAll('_', ' '));

/** `npsh_low` as a person reads it. */
export const spell = (code: string): string => capitalise(spaced(code));

const writeShorthand = (words: string): string => words.replace(shorthand, (word) => word.toUpperCase());

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
