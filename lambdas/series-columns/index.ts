import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { answerCloudFormation } from '../adapters/cloudformation-answer.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { writeColumnRows } from '../adapters/timestream-columns.ts';
import { createSeriesColumnsHandler } from './handler.ts';

const { log } = createTelling('series-columns', 'deployment');

export const handler = createSeriesColumnsHandler({
  write: writeColumnRows(new TimestreamWriteClient({})),
  answer: answerCloudFormation,
  nowMs: Date.now,
  log,
});
