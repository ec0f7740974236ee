import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const pages = globSync('{docs,bench}/**/*.md');

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
}

describe('the documentation', () => {
  it.each(pages)('%s links only to what is there', (page) => {
    const targets = [...readFileSync(page, 'utf8').matchAll(/\]\(((?!https?:)[^)\s]+)\)/g)].map(
      ([, target]) => target!,
    );
    expect(targets.filter((target) => !leadsSomewhere(page, target))).toEqual([]);
  });

  it('gives the decision records in its index their own titles', () => {
    const index = readFileSync('docs/adr/README.md', 'utf8');
    const entries = [...index.matchAll(/^- \[(\d{4})\]\((\S+)\) (.*)$/gm)];
    expect(entries.length).toBeGreaterThan(20);
    for (const [, number, file, title] of entries) {
      expect(readFileSync(`docs/adr/${file}`, 'utf8').split('\n')[0]).toBe(`# ${Number(number)}. ${title}`);
    }
  });
});
