/** AWS Budgets: a laptop is not billed, so a budget is there and nothing is ever spent of it. */
import type { Engine } from '../engine.ts';

export const budgets: Engine = {
  name: 'budgets',
  operations: {},
  resources: {
    'AWS::Budgets::Budget': {
      properties: [
        ...['BudgetName', 'BudgetType', 'TimeUnit', 'BudgetLimit.Amount', 'BudgetLimit.Unit', 'CostFilters.*'].map(
          (name) => `Budget.${name}`,
        ),
        ...['NotificationType', 'ComparisonOperator', 'Threshold', 'ThresholdType'].map(
          (name) => `NotificationsWithSubscribers.Notification.${name}`,
        ),
        'NotificationsWithSubscribers.Subscribers.SubscriptionType',
        'NotificationsWithSubscribers.Subscribers.Address',
        'ResourceTags.*',
      ],
      create: ({ physicalName }) => ({ ref: physicalName }),
    },
  },
};
