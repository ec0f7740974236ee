/** Who hears of something. Beyond the page budget, and for what can wait, everything goes to `watch`. */
export const audiences = ['critical', 'warning', 'watch', 'escalation', 'maintenance'] as const;
export type Audience = (typeof audiences)[number];
