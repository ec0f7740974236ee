import { describe, expect, it } from 'vitest';
import type { RegisteredMachine } from '../../../lambdas/ports/registry.ts';
import { createProvisioningHandler } from '../../../lambdas/provisioning/handler.ts';

const mill: RegisteredMachine = { machineId: 'CNC-1', machineType: 'cnc-mill', name: 'Mill', site: '', line: '' };

function ask(parameters: Record<string, string>, certificates = 0) {
  const refusals: unknown[] = [];
  let counted = 0;
  const handle = createProvisioningHandler({
    registry: { find: async () => new Map([['CNC-1', mill]]) },
    certificates: { countOf: async () => certificates },
    thingTypePrefix: 'factory-dev-',
    metrics: { count: () => counted++, durationMs: () => undefined, flush: () => undefined },
    log: { info: () => undefined, error: () => undefined, warn: (_, fields) => refusals.push(fields?.reason) },
  });
  return handle({ claimCertificateId: 'claim', parameters }).then((answer) => ({ ...answer, refusals, counted }));
}

describe('provisioning by claim', () => {
  it('lets a registered machine without a certificate in, as the type that the registry says', async () => {
    expect(await ask({ MachineId: 'CNC-1', ThingType: 'root' })).toEqual({
      allowProvisioning: true,
      parameterOverrides: { ThingType: 'factory-dev-cnc-mill' },
      refusals: [],
      counted: 0,
    });
  });

  it.each([
    [{}, 0, 'no machine id'],
    [{ MachineId: 'a/b' }, 0, 'no machine id'],
    [{ MachineId: 'CNC-2' }, 0, 'not in the registry'],
    [{ MachineId: 'CNC-1' }, 1, 'has a certificate already'],
  ])('refuses %j with %i certificates and says why', async (parameters, certificates, reason) => {
    expect(await ask(parameters, certificates)).toMatchObject({
      allowProvisioning: false,
      refusals: [reason],
      counted: 1,
    });
  });
});
