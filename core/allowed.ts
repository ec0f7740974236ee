/** What a schema allows, of its sentence `Invalid input: expected number, received undefined`; what was got is told beside it. */
export const sayAllowed = (message: string): string =>
  message
    .replace(/^(?:Invalid \w+|Too (?:small|big)): expected (.*?)(?:, received \w+)?$/, 'allowed is $1')
    .replace(/^allowed is (number|int) to be ([<>]=?)/, 'allowed is a number $2 ')
    .replace(/^Unrecognized key/, 'unknown field');
