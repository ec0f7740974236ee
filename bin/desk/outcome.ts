interface Outcome {
  readonly incidentId: string | null;
  /** Absent where it is about an incident. */
  readonly workOrderId?: string;
  readonly state: string;
}

/** What a person's word led to. Of a work order only a word that needs another person's beside it leaves it proposed. */
export function describeOutcome({ incidentId, workOrderId, state }: Outcome): string {
  const missing = workOrderId !== undefined && state === 'proposed' ? '; a second person must agree' : '';
  return `${workOrderId ?? incidentId} is ${state}${missing}`;
}
