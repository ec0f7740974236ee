import { expect, it, onTestFinished } from 'vitest';
import { answerFaults } from '../../local/wire/dispatch.ts';
import { serve } from '../../local/wire/server.ts';

it('answers 500 where an engine fails, says so, and goes on', async () => {
  const told: string[] = [];
  const answer = answerFaults(
    async ({ path }) => {
      if (path === '/broken') throw new Error('no such thing');
      return { statusCode: 200, headers: {}, body: 'well' };
    },
    (source, message) => void told.push(`${source}: ${message}`),
  );
  const server = await serve(0, answer);
  onTestFinished(() => server.close());
  expect((await fetch(`${server.url}/broken`)).status).toBe(500);
  expect(told).toEqual([expect.stringMatching(/^endpoint: internal failure: no such thing \(/)]);
  expect(await (await fetch(`${server.url}/whole`)).text()).toBe('well');
});
