import type { Dashboard } from './dashboard.ts';
import { anomalyDetection } from './dashboards/anomaly-detection.ts';
import { machineHealthOverview } from './dashboards/machine-health-overview.ts';
import { pipelineOperations } from './dashboards/pipeline-operations.ts';
import { predictiveMaintenance } from './dashboards/predictive-maintenance.ts';
import { toolWearAnalysis } from './dashboards/tool-wear-analysis.ts';

/** By the name of the file each is generated into. */
export const dashboards: Readonly<Record<string, Dashboard>> = {
  'machine-health-overview': machineHealthOverview,
  'tool-wear-analysis': toolWearAnalysis,
  'anomaly-detection': anomalyDetection,
  'predictive-maintenance': predictiveMaintenance,
  'pipeline-operations': pipelineOperations,
};
