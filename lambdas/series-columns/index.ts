import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { rolledColumns, samplesColumn } from '../../core/api/series-rollups.ts';
import { knownTypes } from '../../core/machine-types/known.ts';
import { answerCloudFormation } from '../adapters/cloudformation-answer.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { listColumns } from '../adapters/series-layout.ts';
import { writeColumnRows } from '../adapters/timestream-columns.ts';
import { createSeriesColumnsHandler } from './handler.ts';

const { log } = createTelling('series-columns', 'deployment');
const rolled = [samplesColumn, ...rolledColumns(knownTypes.types)];

export const handler = createSeriesColumnsHandler({
  columns: {
    samples: listColumns(knownTypes.types),
    rollups: rolled.map((name) => ({ name, kind: 'double', value: 0 })),
  },
  write: writeColumnRows(new TimestreamWriteClient({})),
  answer: answerCloudFormation,
  nowMs: Date.now,
  log,
});
