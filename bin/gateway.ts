import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Result } from '../core/result.ts';
import { listEnrolled } from '../simulator/command/enrolled.ts';
import { describeLedger, isSettled } from '../simulator/sinks/ledger.ts';
import { alpnFor, readCredentials, readEndpoint } from '../simulator/sinks/mqtt/credentials.ts';
import { MqttSink } from '../simulator/sinks/mqtt/mqtt-sink.ts';
import { makeOutputFolder } from '../simulator/sinks/output-folder.ts';
import { Refusal, requireStage, runCommand } from './command/run-command.ts';
import { credentialsFolderOf } from './fleet/credentials-folder.ts';
import { forward } from './gateway/forward.ts';

const help = `npm run -s gateway -- <stage> [machineId…] < samples
  Sends machines' samples to a stage as an edge gateway does: a line of JSON each on standard input, with machine_id, machine_type and
  the type's signals; a sample without timestamp gets that of its arrival. Each machine keeps its own certificate and connection
  (npm run enroll), its order, and an outbox on disk, which a later run goes on with. Ends with the input, or by Ctrl-C.
  machineId…             only these; default: all that are enrolled in the credentials folder
  --credentials folder   default .credentials/<stage>, or .local/credentials for stage local
  --outbox folder        default .outbox/<stage>
  --outbox-mb n          its bound (default 256); when full the newest sample is refused and counted
  --batch n              n samples of a machine in one message (default 1)
  --batch-within s       a batch that does not fill goes out after so many seconds (default 5)
  --basic-ingest rule    straight to this rule
  --json                 the ledger as JSON
Exit code: 0 when every sample was acknowledged, 1 when any was refused or still waits in the outbox, 2 when the command is wrong.`;

/** What is queued at the end is waited for so long; the rest is in the outbox. */
const finishMs = 4000;

await runCommand('gateway', help, async (args) => {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...{ credentials: text, outbox: text, 'outbox-mb': text, batch: text, 'batch-within': text },
      ...{ 'basic-ingest': text, json: { type: 'boolean', default: false } },
    },
  });
  const [stageName, ...named] = positionals;
  const stage = requireStage(stageName);
  const folder = values.credentials ?? credentialsFolderOf(stage);
  const enrolled = take(listEnrolled(folder)).flatMap(({ ids }) => ids ?? []);
  const stranger = named.find((machineId) => !existsSync(join(folder, machineId, 'cert.pem')));
  if (stranger !== undefined)
    throw new Refusal(`machine "${stranger}": not enrolled in ${folder}; there are ${enrolled.join(', ')}`);
  const machineIds = named.length > 0 ? named : enrolled;
  const outboxFolder = values.outbox ?? join('.outbox', stage.name);
  makeOutputFolder('--outbox', outboxFolder);
  const endpoint = take(readEndpoint(folder));
  const batchSize = readNumber('--batch', values.batch ?? '1', { atLeast: 1, isWhole: true });
  const batchWithinMs = 1000 * readNumber('--batch-within', values['batch-within'] ?? '5', { atLeast: 0.1 });
  const outboxLimitMb = readNumber('--outbox-mb', values['outbox-mb'] ?? '256', { atLeast: 1 });
  const rule = values['basic-ingest'];
  const sink = new MqttSink({
    ...{ endpoint, machineIds, outboxFolder, outboxLimitMb, sharedConnections: 0, seed: stage.name },
    tlsFor: (machineId) => ({ ...take(readCredentials({ folder }, machineId)), ...alpnFor(endpoint) }),
    ...(rule === undefined ? {} : { basicIngestRule: rule }),
    onTrouble: (message) => console.error(`gateway: ${message}`),
  });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  let deadlineMs: number | undefined;
  const ledger = await forward({
    ...{ input: process.stdin, sink, machineIds, batchSize, batchWithinMs, nowMs: Date.now, signal: stop.signal },
    mayWait: () => {
      deadlineMs ??= performance.now() + finishMs;
      return performance.now() < deadlineMs;
    },
  });
  process.stdin.destroy();
  if (values.json) console.log(JSON.stringify(ledger));
  else console.error(`ledger: ${describeLedger(ledger)}`);
  if (ledger.queued > 0) console.error(`${ledger.queued} samples wait in ${outboxFolder}: the next run delivers them`);
  return isSettled(ledger) ? 0 : 1;
});

function take<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Refusal(result.error);
  return result.value;
}

function readNumber(flag: string, value: string, rule: { readonly atLeast: number; readonly isWhole?: boolean }) {
  const number = Number(value);
  const { atLeast, isWhole = false } = rule;
  if (value.trim() !== '' && number >= atLeast && (!isWhole || Number.isSafeInteger(number))) return number;
  throw new Refusal(`${flag}: got "${value}", allowed is a ${isWhole ? 'whole ' : ''}number from ${atLeast}`);
}
