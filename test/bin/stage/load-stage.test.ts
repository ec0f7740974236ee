import { describe, expect, it } from 'vitest';
import { loadStage } from '../../../bin/stage/load-stage.ts';

const faultsOf = (name: unknown, store?: unknown) => {
  const stage = loadStage(name, store);
  return stage.ok ? [] : stage.error;
};

describe('the stage of a command', () => {
  it('names the stages there are when none or an unknown one is asked for', () => {
    expect(faultsOf(undefined)[0]).toMatch(
      /^stage: got nothing; name one of local, dev, prod.* \(cdk itself takes it as -c stage=dev\)$/,
    );
    expect(faultsOf('../etc')[0]).toMatch(/^stage: got "\.\.\/etc"; known are local, dev, prod/);
  });

  it('tries a stage with the other store', () => {
    const stage = loadStage('dev', 'influxdb');
    expect(stage.ok && stage.value.store).toBe('influxdb');
    expect(faultsOf('dev', 'files')[0]).toContain('store: got "files"');
  });
});
