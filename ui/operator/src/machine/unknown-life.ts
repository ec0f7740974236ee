import type { Twin } from '../../../../core/api/schemas.ts';

/** Why no component's life is told: a forecast names each component that its type knows to wear, from the first sample on. */
export function whyUnknown({ rebuilt, freshness }: Pick<Twin, 'rebuilt' | 'freshness'>): string {
  if (rebuilt !== null) return 'Not known: none was told at that time.';
  if (freshness === 'never') return 'Not known: no sample of this machine has been taken yet.';
  return 'Not known: its machine type names nothing that wears.';
}
