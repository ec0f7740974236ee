import { parseArgs } from 'node:util';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { channels } from '../core/incidents/channels/channel.ts';
import {
  channelQueueName,
  cmmsName,
  failuresBucketName,
  incidentQueueName,
  ingestErrorsQueueName,
  maintenanceMachineName,
  quarantineQueueName,
  streamName,
} from '../lib/names.ts';
import type { Stage } from '../lib/stage.ts';
import { connectionFor, quote, Refusal, requireStage, runCommand } from './command/run-command.ts';
import { deliverToChannels, moveBack, putEventsBack, replayEvents } from './redrive/move-back.ts';
import { putBack, readFailedBatch, readIngestError, readQuarantined } from './redrive/redrive.ts';
import { lookingS, WaitingQueue, workingS } from './redrive/waiting-queue.ts';

const help = `npm run redrive -- <stage> <place> [--list] [--account digits] [--from time --until time]
  Puts back on the stream what was set aside, once its cause is gone. A sample that comes late is stored, and nothing is
  concluded from it; one that was stored before is not stored twice.
  quarantine      samples that could not be used (docs/runbook.md#quarantine)
  ingest-errors   messages that a rule could not put on the stream
  failures        batches that detection could not get through (bucket); --account where the stage names none
  incidents       anomaly events of which no incident could be made
  maintenance     requests that could not start a workflow
  cmms            news of work orders that the maintenance system did not take
  channel-<name>  notices that slack, pagerduty, telegram, webhook or amazon_q did not take
  channels        notices that the bus could not bring to a channel's queue
  events          what the twins told between --from and --until, from the archive to the incidents again
  --list          only counts what waits, by machine and reason`;

await runCommand('redrive', help, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      list: { type: 'boolean', default: false },
      account: { type: 'string' },
      from: { type: 'string' },
      until: { type: 'string' },
    },
  });
  const [stageName, place] = positionals;
  const stage = requireStage(stageName);
  const connection = connectionFor(stage);
  const target = { client: new KinesisClient(connection), streamName: streamName(stage.name) };
  const move = { connection, listOnly: values.list };
  switch (place) {
    case 'quarantine':
      return redriveQueue(quarantineQueueName(stage.name), readQuarantined, {
        ...target,
        connection,
        listOnly: values.list,
      });
    case 'ingest-errors':
      return redriveQueue(ingestErrorsQueueName(stage.name), readIngestError, {
        ...target,
        connection,
        listOnly: values.list,
      });
    case 'failures':
      return redriveFailures(stage, { ...target, connection, listOnly: values.list }, values.account ?? stage.account);
    case 'incidents':
      return tell(await moveBack(incidentQueueName(stage.name), move), values.list);
    case 'maintenance':
      return tell(await putEventsBack(stage.name, maintenanceMachineName(stage.name), move), values.list);
    case 'cmms':
      return tell(await putEventsBack(stage.name, cmmsName(stage.name), move), values.list);
    case 'channels':
      return tell(await deliverToChannels(stage.name, move), values.list);
    case 'events': {
      const [fromMs, untilMs] = [readTime('--from', values.from), readTime('--until', values.until)];
      const name = await replayEvents({ stage: stage.name, fromMs, untilMs }, move);
      console.error(`the replay ${name} is under way; an event that incidents know changes nothing`);
      return 0;
    }
    default: {
      const channel = channels.find((one) => place === `channel-${one}`);
      if (channel !== undefined) return tell(await moveBack(channelQueueName(stage.name, channel), move), values.list);
      const places = [
        'quarantine',
        'ingest-errors',
        'failures',
        'incidents',
        'maintenance',
        'cmms',
        'channels',
        'events',
      ];
      const allowed = [...places, ...channels.map((one) => `channel-${one}`)].join(', ');
      throw new Refusal(`place: got ${quote(place)}, allowed are ${allowed}`);
    }
  }
});

function tell(total: number, listOnly: boolean): number {
  if (total === 0) console.error('nothing waits there');
  else console.error(`${total} messages ${listOnly ? `wait; a redrive sees them again in ${lookingS} s` : 'are back'}`);
  return 0;
}

function readTime(flag: string, text: string | undefined): number {
  const atMs = Date.parse(text ?? '');
  if (Number.isNaN(atMs)) throw new Refusal(`${flag}: got ${quote(text)}; use a time like 2026-12-01T06:00:00Z`);
  return atMs;
}

interface Way {
  readonly client: KinesisClient;
  readonly streamName: string;
  readonly connection: { readonly region: string };
  readonly listOnly: boolean;
}

async function redriveQueue(queueName: string, read: typeof readQuarantined, way: Way): Promise<number> {
  const queue = await WaitingQueue.open(new SQSClient(way.connection), queueName);
  const counts = new Map<string, number>();
  for await (const messages of queue.messages(way.listOnly ? lookingS : workingS)) {
    const records = messages.map((message) => read(message.Body ?? ''));
    for (const { machineId, reason } of records) {
      const key = `${machineId}\t${reason}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    if (way.listOnly) continue;
    await putBack(way.client, way.streamName, records);
    await queue.takeOut(messages);
  }
  for (const [key, count] of [...counts].sort()) console.log(`${key}\t${count}`);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return tell(total, way.listOnly);
}

async function redriveFailures(stage: Stage, way: Way, account: string | undefined): Promise<number> {
  if (account === undefined) throw new Refusal('failures: the bucket carries the account; say --account <12 digits>');
  const s3 = new S3Client({ ...way.connection, forcePathStyle: stage.laptop });
  const Bucket = failuresBucketName(stage.name, account, stage.region);
  let records = 0;
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: 'aws/lambda/' })) {
    for (const { Key } of page.Contents ?? []) {
      const object = await s3.send(new GetObjectCommand({ Bucket, Key: Key! }));
      const batch = readFailedBatch(await object.Body!.transformToString());
      records += batch.length;
      if (way.listOnly) {
        console.log(`${Key}\t${batch.length}`);
        continue;
      }
      await putBack(way.client, way.streamName, batch);
      // Kept under another name: a person may want to see why it failed.
      await s3.send(new CopyObjectCommand({ Bucket, Key: `redriven/${Key}`, CopySource: `${Bucket}/${Key}` }));
      await s3.send(new DeleteObjectCommand({ Bucket, Key: Key! }));
    }
  }
  if (records === 0) console.error('nothing waits there');
  else console.error(`${records} records ${way.listOnly ? 'wait' : 'are back on the stream'}`);
  return 0;
}
