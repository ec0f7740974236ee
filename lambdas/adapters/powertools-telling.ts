import { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import type { Log, Metrics } from '../ports/telling.ts';

export const metricsNamespace = 'FactoryTwin';

export function createTelling(service: string, stage: string): { readonly log: Log; readonly metrics: Metrics } {
  const logger = new Logger({ serviceName: service, persistentKeys: { stage } });
  const metrics = new PowertoolsMetrics({
    namespace: metricsNamespace,
    serviceName: service,
    defaultDimensions: { stage },
  });
  return {
    log: {
      info: (message, fields = {}) => logger.info(message, { ...fields }),
      warn: (message, fields = {}) => logger.warn(message, { ...fields }),
      error: (message, fields = {}) => logger.error(message, { ...fields }),
    },
    metrics: {
      count: (name, amount) => metrics.addMetric(name, MetricUnit.Count, amount),
      durationMs: (name, durationMs) => metrics.addMetric(name, MetricUnit.Milliseconds, durationMs),
      flush: () => metrics.publishStoredMetrics(),
    },
  };
}
