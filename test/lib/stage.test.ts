import { describe, expect, it } from 'vitest';
import { provisioningTemplateName } from '../../lib/names.ts';
import { messagesPerS, parseStage } from '../../lib/stage.ts';
import { suppliedStages } from '../../lib/stages.ts';

const dev = suppliedStages.dev!;

function faultsOf(input: unknown): readonly string[] {
  const parsed = parseStage(input);
  return parsed.ok ? [] : parsed.error;
}

describe('stage parameters', () => {
  it('accepts the supplied stages', () => {
    for (const stage of Object.values(suppliedStages)) expect(faultsOf(stage)).toEqual([]);
  });

  it.each([
    [
      { ...dev, name: 'Dev_1' },
      'name: got "Dev_1"; use a lower-case letter, then up to 14 lower-case letters or digits',
    ],
    [
      { ...dev, name: 'onaws' },
      'name: got "onaws"; use a name without "aws", "amazon" or "cognito": Cognito takes none of them into the address of a sign-in page',
    ],
    [{ ...dev, region: 'Frankfurt' }, 'region: got "Frankfurt"; use an AWS region, like "eu-central-1"'],
    [{ ...dev, account: '1234' }, 'account: got "1234"; use the 12 digits of an AWS account'],
    [
      { ...dev, alertEmails: ['me'] },
      'alertEmails.0: got "me"; use an email address, like "maintenance@plant.example"',
    ],
    [{ ...dev, store: 'mysql' }, 'store: got "mysql"; allowed are timestream, influxdb'],
    [
      { ...dev, fleet: { machines: 5000, samplesPerMachinePerS: 1, samplesPerMessage: 1 } },
      "capacity.shards: got 1; the fleet's 5000 messages/s need at least 5",
    ],
    [
      { ...dev, detection: { ...dev.detection, maxRecordAgeHours: 100 } },
      'detection.maxRecordAgeHours: got 100; the stream keeps records 24 hours (retention.streamHours)',
    ],
  ])('says in one sentence what is wrong: %#', (input, sentence) => {
    expect(faultsOf(input)).toEqual([sentence]);
  });

  it('allows no name that a provisioning template could not carry', () => {
    const fits = (length: number): boolean => faultsOf({ ...dev, name: 'x'.repeat(length) }).length === 0;
    expect([15, 16].map(fits)).toEqual([true, false]);
    expect(provisioningTemplateName('x'.repeat(15))).toHaveLength(36);
  });

  it('names a parameter that is missing and one that nobody knows', () => {
    const { region, ...withoutRegion } = dev;
    expect(faultsOf({ ...withoutRegion, colour: 'blue', monthlyBudgetUsd: -1 })).toEqual([
      'region: got nothing; allowed is a text',
      'monthlyBudgetUsd: got -1; allowed is a number > 0',
      'stage: unknown field: "colour"',
    ]);
    expect(region).toBe('us-east-1');
  });

  it('counts messages, not samples, against the shards', () => {
    expect(messagesPerS({ fleet: { machines: 200, samplesPerMachinePerS: 1, samplesPerMessage: 5 } })).toBe(40);
  });
});
