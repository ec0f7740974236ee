import { expect, it } from 'vitest';
import { anyDetectorKinds } from '../../../../core/detection/detectors/catalogue.ts';
import { itKeepsTheLawsOfDetectors } from './contract.ts';
import { scenarios } from './scenarios.ts';

it('no detector of the catalogue escapes the laws', () => {
  expect(Object.keys(scenarios).sort()).toEqual(Object.keys(anyDetectorKinds).sort());
});

for (const scenario of Object.values(scenarios)) itKeepsTheLawsOfDetectors(scenario);
