/** IAM's wildcards: `*` stands for any text, `?` for any one character; case counts. */
export function matchesWildcard(pattern: string, text: string): boolean {
  return compileWildcard(pattern).test(text);
}

const compiled = new Map<string, RegExp>();
const mostRemembered = 10_000;

function compileWildcard(pattern: string): RegExp {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[\\s\\S]*').replaceAll('?', '[\\s\\S]');
    expression = new RegExp(`^${source}$`);
    if (compiled.size >= mostRemembered) compiled.clear();
    compiled.set(pattern, expression);
  }
  return expression;
}
