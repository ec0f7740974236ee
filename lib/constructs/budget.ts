import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';
import { nameInStage } from '../names.ts';
import type { Stage } from '../stage.ts';

/** Past this share of the month's budget, as foreseen, somebody should look. */
const warnAtPercent = 80;

/** The stage's monthly budget: mail when the forecast passes four fifths of it. The tag must be activated in billing once. */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    const { stage } = props;
    const subscribers = stage.alertEmails.map((address) => ({ subscriptionType: 'EMAIL', address }));
    new CfnBudget(this, 'Monthly', {
      budget: {
        budgetName: nameInStage(stage.name, 'monthly'),
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: stage.monthlyBudgetUsd, unit: 'USD' },
        costFilters: { TagKeyValue: [`user:stage$${stage.name}`] },
      },
      ...(subscribers.length === 0
        ? {}
        : {
            notificationsWithSubscribers: [
              {
                notification: {
                  notificationType: 'FORECASTED',
                  comparisonOperator: 'GREATER_THAN',
                  threshold: warnAtPercent,
                },
                subscribers,
              },
            ],
          }),
    });
  }
}
