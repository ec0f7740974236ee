import { machineCatalogue } from '../catalogue.ts';
import { describeChaos } from '../chaos/parse.ts';
import { cncJobs } from '../cnc/job.ts';
import { materials } from '../cnc/material.ts';
import { faultForm } from './fault-request.ts';

const types = Object.entries(machineCatalogue)
  .map(([name, { faultModes }]) => `    ${name.padEnd(17)} faults: ${faultModes.join(', ')}`)
  .join('\n');

export const helpText = `Simulates machines and sends what their sensors would.

  npm run -s simulate -- --machine cnc-process:1 --seed 7 --speed max --duration 480s --out stdout
  npm run -s simulate -- --machine centrifugal-pump:20 --mode stress --out mqtt --credentials certs
  npm run -s simulate -- --stage dev

Machines
  --machine type[:count]   repeatable (default with a credentials folder: the machines enrolled there)
${types}
  --config file            generic machines: {"machines":[{"id","sensors":{"temperature":{"min","max"},…},"interval_seconds"}]}
  --program file           G-code the mills run: a file, or ${cncJobs.map((job) => job.name).join(', ')}
  --material name          what the mills cut: ${materials.map((material) => material.name).join(', ')}
  --mode life              none (default), nominal (about 27 h), accelerated (20 min), stress (2.5 min): how pumps age
  --training               labelled runs on channel training_data (pumps)
  --lifecycle-events       also send breakdowns and repairs (pumps), tool changes (mills) on channel lifecycle
  --fault spec             repeatable; ${faultForm}
                           grows for 10m to severity 1 unless told otherwise: tool_wear@120s, imbalance@1h+30m*0.5%PUMP-002
  --chaos spec             repeatable; what goes wrong on the way to the cloud, listed at the end

Time
  --seed n                 same seed, same bytes (default 1)
  --rate n                 samples a second of each machine (default: the type's own, 1; cnc-process 0.5)
  --duration time          500ms, 90s, 15m, 2h, 1d of simulated time (default: endless)
  --speed max|n            n simulated seconds a second (default: max for a --duration that is not sent, else 1)
  --start time             first timestamp (default: now for mqtt at a finite speed, else 2026-01-01T00:00:00.000Z)

Output
  --out kind               stdout (default) and file: one JSON a line; csv: a header and a row a sample; mqtt
  --file path              where file and csv go (default telemetry.ndjson, telemetry.csv)
  --batch n                n samples of a machine in one message, {"samples":[…]}
  --labels file            the truth on every sample, beside the telemetry and never in it
  --record file            a copy of every message
  --json                   the ledger as JSON at the end: on stdout, or on stderr when data go there

MQTT
  --stage name             --out mqtt with the credentials of that stage: .credentials/<name>, .local/credentials for local
  --endpoint url           mqtts://host:port
  --ca, --cert, --key      one certificate for all machines
  --credentials folder     one a machine: <folder>/<machineId>/cert.pem and private.key, <folder>/ca.pem, and endpoint.json
                           ({"endpoint":"mqtts://host:port"}) when --endpoint is not given
  --basic-ingest rule      straight to this rule: $aws/rules/<rule>/factory/<machineId>/<channel>; of a name that ends in
                           telemetry, other channels take the rule that ends in theirs
  --client kind            per-machine (default: client id = machine id) or shared (as few connections as the quota allows)
  --outbox folder          keeps what was not acknowledged, over restarts (default: a temporary folder)
  --outbox-mb n            its bound (default 256); when full the newest sample is refused and counted

Ctrl-C delivers what is queued, closes within 5 s and prints the ledger. Exit code: 0 when every sample was acknowledged,
1 when any was refused or is still queued, 2 when the command line is wrong.

Chaos
${describeChaos()}`;
