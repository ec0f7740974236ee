import type { Duration } from 'aws-cdk-lib';
import { Duration as Span } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  DefinitionBody,
  IntegrationPattern,
  JsonPath,
  Succeed,
  TaskInput,
  Timeout,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';

export interface MaintenanceDefinitionProps {
  readonly worker: IFunction;
  readonly decideWithin: Duration;
}

/**
 * Open → ask a person → (expired | rejected | deferred, then ask again | approved → schedule → wait for the stop → remind
 * until done → finish). No state acts on a machine: every one only writes, tells or waits.
 */
export function maintenanceDefinition(scope: Construct, props: MaintenanceDefinitionProps): DefinitionBody {
  const known = new Succeed(scope, 'Known');
  const work = question(scope, props, 'Await', Timeout.at('$.waitS'));
  work.addCatch(step(scope, props, 'Remind').next(work), { errors: ['States.Timeout'], resultPath: JsonPath.DISCARD });
  work.next(step(scope, props, 'Finish').next(new Succeed(scope, 'Done')));
  const plan = step(scope, props, 'Schedule').next(work);
  const ask = question(scope, props, 'Ask', Timeout.duration(props.decideWithin));
  ask.addCatch(step(scope, props, 'Expire').next(new Succeed(scope, 'Expired')), {
    errors: ['States.Timeout'],
    resultPath: JsonPath.DISCARD,
  });
  const later = step(scope, props, 'Defer')
    .next(new Wait(scope, 'Deferred', { time: WaitTime.timestampPath('$.until') }))
    .next(ask);
  ask.next(
    new Choice(scope, 'Verdict')
      .when(Condition.stringEquals('$.verdict', 'approve'), plan)
      .when(Condition.stringEquals('$.verdict', 'defer'), later)
      .otherwise(step(scope, props, 'Reject').next(new Succeed(scope, 'Rejected'))),
  );
  const request = { request: JsonPath.objectAt('$'), execution: JsonPath.executionId };
  const open = invoke(scope, props, 'Open', { op: 'open', ...request });
  return DefinitionBody.fromChainable(
    open.next(new Choice(scope, 'IsNew').when(Condition.booleanEquals('$.isNew', true), ask).otherwise(known)),
  );
}

const workOrderId = JsonPath.stringAt('$.workOrderId');

const step = (scope: Construct, props: MaintenanceDefinitionProps, name: string): LambdaInvoke =>
  invoke(scope, props, name, { op: name.toLowerCase(), workOrderId });

function invoke(
  scope: Construct,
  { worker }: MaintenanceDefinitionProps,
  name: string,
  payload: Record<string, unknown>,
) {
  const task = new LambdaInvoke(scope, name, {
    lambdaFunction: worker,
    payload: TaskInput.fromObject(payload),
    outputPath: '$.Payload',
    retryOnServiceExceptions: false,
  });
  return retrying(task);
}

/** Hands a task token to the function and waits until somebody answers it. */
function question(
  scope: Construct,
  { worker }: MaintenanceDefinitionProps,
  name: string,
  within: Timeout,
): LambdaInvoke {
  const payload = { op: name.toLowerCase(), workOrderId, token: JsonPath.taskToken };
  const task = new LambdaInvoke(scope, name, {
    lambdaFunction: worker,
    integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    payload: TaskInput.fromObject(payload),
    taskTimeout: within,
    retryOnServiceExceptions: false,
  });
  return retrying(task);
}

/** Some five minutes of trouble are sat out; past that the execution fails and an alarm says so. */
function retrying(task: LambdaInvoke): LambdaInvoke {
  task.addRetry({ errors: ['States.TaskFailed'], interval: Span.seconds(5), maxAttempts: 6, backoffRate: 2 });
  return task;
}
