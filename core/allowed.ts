/** What a schema allows, of its sentence `Invalid input: expected number, received undefined`; what was got is told beside it. */
export const sayAllowed = (message: string): string =>
  message
    .replace(/^(?:Invalid \w+|Too (?:small|big)): expected (.*?)(?:, received \w+)?$/, 'allowed is $1')
    .replace(/^allowed is (number|int) to be ([<>]=?)/, 'allowed is a number $2 ')
    .replace(/^allowed is one of (.*)$/, (_, options: string) => `allowed are ${listOf(options, '|')}`)
    .replace(
      /^Invalid discriminator value\. Expected (.*)$/,
      (_, options: string) => `allowed are ${listOf(options, ' | ')}`,
    )
    .replace(/^allowed is string to have >=(\d+) characters?$/, 'allowed is a text of at least $1 characters')
    .replace(/^allowed is string to have <=(\d+) characters?$/, 'allowed is a text of at most $1 characters')
    .replace(/at least 1 characters$/, 'at least one character')
    .replace(/^allowed is (\w+)$/, (said, type: string) => (type in kinds ? `allowed is ${kinds[type]}` : said))
    .replace(/^Unrecognized key/, 'unknown field');

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

const listOf = (quoted: string, between: string): string =>
  quoted
    .split(between)
    .map((option) => option.replace(/^["'](.*)["']$/, '$1'))
    .join(', ');

/** What `JSON.parse` says, on one line: it quotes what it could not read, line ends and all. */
export const sayNotJson = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');

const quotedAtMost = 80;

/** What was got, as JSON; what is left out of a long one is marked. */
export function quoteGot(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= quotedAtMost ? text : `${text.slice(0, quotedAtMost)}…`;
}
