/** The calls by which whoever was given a task token answers it. */
import type { Json, Operation } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import { type CallParts, readJson } from './execution-calls.ts';
import type { Execution } from './executions.ts';
import { StatesError } from './states-error.ts';

export function taskCalls(parts: CallParts): Readonly<Record<string, Operation>> {
  const { cloud, executions, runner } = parts;
  return {
    SendTaskSuccess: onTask(parts, 'SendTaskSuccess', (execution, { output }) =>
      runner.succeedTask(execution, readJson(output, 'InvalidOutput')),
    ),
    SendTaskHeartbeat: onTask(parts, 'SendTaskHeartbeat', (execution) =>
      executions.put({ ...execution, beatAtMs: cloud.nowMs() }),
    ),
    SendTaskFailure: onTask(parts, 'SendTaskFailure', (execution, { error, cause }) =>
      runner.failTask(execution, new StatesError(String(error ?? ''), String(cause ?? ''))),
    ),
  };
}

function onTask(
  { executions }: CallParts,
  action: string,
  run: (execution: Execution, input: Json) => void,
): Operation {
  return {
    members: ['taskToken', 'output', 'error', 'cause'],
    access: (input) => {
      const machineArn = executions.findByToken(String(input.taskToken))?.machineArn ?? '*';
      return [{ action: `states:${action}`, resource: machineArn }];
    },
    run: (input) => {
      const execution = executions.findByToken(String(input.taskToken));
      if (execution?.status !== 'RUNNING') {
        const says = 'Task Timed Out: the token was answered, has ended, or belongs to no execution';
        throw new ServiceError('TaskTimedOut', says);
      }
      run(execution, input);
      return {};
    },
  };
}
