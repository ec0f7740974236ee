import { isMachineId } from '../../core/telemetry/topic.ts';
import type { Certificates } from '../ports/certificates.ts';
import type { Registry } from '../ports/registry.ts';
import type { Log, Metrics } from '../ports/telling.ts';

/** What IoT Core asks before it gives a machine that came with a claim certificate one of its own. */
export interface ProvisioningRequest {
  readonly claimCertificateId: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface ProvisioningAnswer {
  readonly allowProvisioning: boolean;
  readonly parameterOverrides?: Readonly<Record<string, string>>;
}

export interface ProvisioningDeps {
  readonly registry: Registry;
  readonly certificates: Certificates;
  readonly thingTypePrefix: string;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Lets in a machine that the registry knows and that has no certificate yet. The claim certificate is the same in many
 * machines, so whoever has it can ask for any name: the second to ask for a machine is refused and heard of.
 */
export function createProvisioningHandler(deps: ProvisioningDeps) {
  const { registry, certificates, thingTypePrefix, log, metrics } = deps;
  return async ({ claimCertificateId, parameters = {} }: ProvisioningRequest): Promise<ProvisioningAnswer> => {
    const machineId = parameters.MachineId ?? '';
    const refuse = (reason: string): ProvisioningAnswer => {
      log.warn('provisioning refused', { machineId, claimCertificateId, reason });
      metrics.count('ProvisioningRefused', 1);
      metrics.flush();
      return { allowProvisioning: false };
    };
    if (!isMachineId(machineId)) return refuse('no machine id');
    const machine = (await registry.find(new Set([machineId]))).get(machineId);
    if (machine === undefined) return refuse('not in the registry');
    if ((await certificates.countOf(machineId)) > 0) return refuse('has a certificate already');
    log.info('provisioning allowed', { machineId, claimCertificateId });
    return { allowProvisioning: true, parameterOverrides: { ThingType: thingTypePrefix + machine.machineType } };
  };
}
