/** How much the plant depends on a machine, as its registry says. */
export const criticalities = ['low', 'medium', 'high'] as const;
export type Criticality = (typeof criticalities)[number];

export const readCriticality = (text: string | undefined): Criticality =>
  criticalities.find((one) => one === text) ?? 'medium';
