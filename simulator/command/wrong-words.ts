/** `parseArgs` explains at length, over several lines where a value begins with a dash: the first and the last say it. */
export function describeWrongWords({ message }: Error): string {
  const lines = message.split('\n');
  const first = lines[0]!.split('. ')[0]!.replace(/\.$/, '');
  return lines.length === 1 ? first : `${first}: ${lines.at(-1)!.replace(/^To/, 'to').replace(/\.$/, '')}`;
}
