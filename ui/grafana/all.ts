import { type Dashboard, type Places, renderDashboard } from './dashboard.ts';
import { anomalyDetection } from './dashboards/anomaly-detection.ts';
import { machineHealthOverview } from './dashboards/machine-health-overview.ts';
import { pipelineOperations } from './dashboards/pipeline-operations.ts';
import { predictiveMaintenance } from './dashboards/predictive-maintenance.ts';
import { toolWearAnalysis } from './dashboards/tool-wear-analysis.ts';
import type { Json } from './panel.ts';
import type { StoreKind, StoreQuestions } from './questions.ts';
import { influxDbQuestions } from './stores/influxdb.ts';
import { timestreamQuestions } from './stores/timestream.ts';

export const questionsOf: Readonly<Record<StoreKind, StoreQuestions>> = {
  timestream: timestreamQuestions,
  influxdb: influxDbQuestions,
};

export interface Plant extends Places {
  /** The stage whose functions count; `*` for all of an account. */
  readonly stage: string;
  readonly downtimeEurPerHour: number;
}

/** By the name of the file each is generated into. */
export function dashboardsFor(
  store: StoreKind,
  plant: Pick<Plant, 'downtimeEurPerHour' | 'stage'>,
): Record<string, Dashboard> {
  const questions = questionsOf[store];
  return {
    'machine-health-overview': machineHealthOverview(questions),
    'tool-wear-analysis': toolWearAnalysis(questions),
    'anomaly-detection': anomalyDetection(questions),
    'predictive-maintenance': predictiveMaintenance(questions, plant.downtimeEurPerHour),
    'pipeline-operations': pipelineOperations(plant.stage),
  };
}

export const renderDashboards = (store: StoreKind, plant: Plant): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(dashboardsFor(store, plant)).map(([name, dashboard]) => [name, renderDashboard(dashboard, plant)]),
  );
