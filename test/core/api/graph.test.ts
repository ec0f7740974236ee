import { expect, it } from 'vitest';
import { z } from 'zod';
import { describeGraph, incidentFields } from '../../../core/api/graph-schema.ts';
import { toGraph } from '../../../core/api/graph-value.ts';

it('writes the schema that the documentation holds (`vitest run test/core/api/graph.test.ts -u` writes it anew)', async () => {
  await expect(`${describeGraph('@aws_cognito_user_pools')}\n`).toMatchFileSnapshot('../../../docs/schema.graphql');
});

it('asks an incident for all it has, whatever it holds inside', () => {
  expect(incidentFields()).toMatch(/^\{ incidentId title .* acknowledged \{ by at \} .* requiredCheck \}$/);
});

it('makes lists of records, and text of what has several kinds', () => {
  const schema = z.object({
    counts: z.record(z.string(), z.number()),
    signals: z.record(z.string(), z.object({ unit: z.string(), limit: z.number().nullable() })),
    context: z.record(z.string(), z.union([z.string(), z.number()])),
    absent: z.number().optional(),
  });
  const told = toGraph(schema, {
    counts: { normal: 2 },
    signals: { load: { unit: '%', limit: null } },
    context: { program: 'O1001', block: 7 },
    unheardOf: 1,
  });
  expect(told).toEqual({
    counts: [{ name: 'normal', value: 2 }],
    signals: [{ name: 'load', unit: '%', limit: null }],
    context: [
      { name: 'program', value: 'O1001' },
      { name: 'block', value: '7' },
    ],
    absent: null,
  });
});
