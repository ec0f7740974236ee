import { expect, it } from 'vitest';
import { run } from '../../bench/pipeline.ts';

it.each([
  [['--machines', 'abc'], '--machines: got "abc", allowed is a number from 1'],
  [['--seconds', '0'], '--seconds: got "0", allowed is a number from 1'],
  [['--type', 'lathe'], '--type: got "lathe", allowed are centrifugal-pump, cnc-mill, cnc-process, generic'],
])('the bench of the pipeline refuses %j before it starts anything', async (args, problem) => {
  await expect(run([...args])).rejects.toThrow(problem);
});
