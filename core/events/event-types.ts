/** What the bus carries. Each has a schema (event-schemas.ts); a change that a reader could stumble over counts its version on. */
export const eventSource = 'factory.twin';

export const detailTypes = [
  'anomaly',
  'data_quality',
  'health',
  'rul',
  'rul_crossed',
  'machine_stale',
  'lifecycle',
  'model_changed',
  'model_drift',
  'incident',
  'maintenance_request',
  'maintenance',
] as const;

export type DetailType = (typeof detailTypes)[number];

export const eventVersion = 1;
