/** Where notices go beside mail. */
export const channels = ['slack', 'pagerduty', 'telegram', 'webhook', 'amazon_q'] as const;
export type Channel = (typeof channels)[number];
