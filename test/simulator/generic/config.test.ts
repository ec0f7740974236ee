import { expect, it } from 'vitest';
import { parseGenericConfig } from '../../../simulator/generic/config.ts';

const machine = { id: 'PRESS-1', sensors: { temperature: { min: 20, max: 80 } }, interval_seconds: 2 };

it('accepts a list of machines, bare or under "machines"', () => {
  expect(parseGenericConfig(JSON.stringify({ machines: [machine] }))).toEqual({ ok: true, value: [machine] });
  expect(parseGenericConfig(JSON.stringify([machine]))).toEqual({ ok: true, value: [machine] });
});

it.each([
  ['{', /^config is not JSON: /],
  ['nonsense\n', /^config is not JSON: [^\n]+$/],
  ['{}', /^machines: allowed is a list \(got nothing\)$/],
  ['7', /^config: .*object.* \(got 7\)$/],
  ['{"machines":[]}', /^machines: at least one machine is needed/],
  [[{ ...machine, id: 'a/b' }], /^machines\[0\]\.id: allowed is a letter or digit.* \(got "a\/b"\)$/],
  [[machine, machine], /^machines\[1\]\.id: "PRESS-1" stands more than once$/],
  [[{ ...machine, sensors: {} }], /^machines\[0\]\.sensors: at least one sensor is needed/],
  [
    [{ ...machine, sensors: { rpm: { min: 'x', max: 2 } } }],
    /^machines\[0\]\.sensors\.rpm\.min: .*number.* \(got "x"\)$/,
  ],
  [[{ ...machine, sensors: { rpm: { min: 3, max: 2 } } }], /^machines\[0\]\.sensors\.rpm: min must be below max/],
  [[{ ...machine, sensors: { 'r.p': { min: 1, max: 2 } } }], /^machines\[0\]\.sensors\.r\.p: allowed are letters/],
  [
    [{ ...machine, interval_seconds: 0 }],
    /^machines\[0\]\.interval_seconds: allowed is a number from 0\.001 \(got 0\)$/,
  ],
  [[{ id: 'A', sensors: machine.sensors }], /^machines\[0\]\.interval_seconds: .* \(got nothing\)$/],
])('names the wrong field of %j', (config, message) => {
  const parsed = parseGenericConfig(typeof config === 'string' ? config : JSON.stringify(config));
  if (parsed.ok) throw new Error('accepted');
  expect(parsed.error[0]).toMatch(message);
});
