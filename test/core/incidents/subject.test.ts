import { expect, it } from 'vitest';
import { toSubject } from '../../../core/incidents/subject.ts';

it('a subject is one short line of ASCII, whatever the machine is called: SNS refuses any other, and nobody would be told', () => {
  expect(toSubject('Fräse 2 at 71 °C\nand rising')).toBe('Frase 2 at 71 deg Cand rising');
  expect(toSubject('the speed’s expectation')).toBe("the speed's expectation");
  expect(toSubject('x'.repeat(300))).toHaveLength(99);
});
