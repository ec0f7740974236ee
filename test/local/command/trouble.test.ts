import { describe, expect, it } from 'vitest';
import { describeFault, tellSeldom } from '../../../local/command/trouble.ts';

describe('trouble', () => {
  it('is told once when it comes again at once, and other trouble beside it', () => {
    const said: string[] = [];
    const tell = tellSeldom((line) => said.push(line));
    for (const line of ['disk full', 'disk full', 'no table', 'disk full']) tell(line);
    expect(said).toEqual(['disk full', 'no table']);
  });

  it('names the place it comes from, not its whole stack', () => {
    const told = describeFault(new Error('no such table'));
    expect(told).toMatch(/^no such table \(.*trouble\.test\.ts:\d+:\d+\)$/);
  });
});
