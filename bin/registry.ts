import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openArtefact } from '../core/learning/artefact.ts';
import { knownTypes } from '../core/machine-types/known.ts';
import { modelsBucketName } from '../lib/names.ts';
import type { Stage } from '../lib/stage.ts';
import { connectionFor, quote, Refusal, requireStage, runCommand } from './command/run-command.ts';
import { ModelBucket } from './fleet/model-bucket.ts';
import { type MachineEntry, parseRegistryFile } from './fleet/registry-file.ts';
import { RegistryTable } from './fleet/registry-table.ts';

const help = `npm run registry -- <stage> <action>
  import <machines.json>   registers every machine of the file, or none when one entry is wrong; known ones are replaced
  list [--json]            the machines registered, one a line
  pin <model.json> <machineId…>   puts a trained model into the stage's bucket and these machines on it; --account where the stage
                           names none
  unpin <machineId…>       puts machines back on the model that ships
  remove <machineId…>      takes machines out; within five minutes their samples go to quarantine

machines.json: [{"machineId":"CNC-001","machineType":"cnc-mill","name":"Mill 1","site":"Ulm","line":"A",
  "criticality":"high","downtimeEurPerHour":400,"commissionedOn":"2024-05-01","modelPins":{}}]
machineId and machineType are needed; criticality is low, medium or high; commissionedOn stands beside the machine's remaining life.`;

await runCommand('registry', help, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean' }, account: { type: 'string' } },
  });
  const [stageName, action, ...rest] = positionals;
  const stage = requireStage(stageName);
  const table = new RegistryTable(stage.name, connectionFor(stage));
  switch (action) {
    case 'import':
      return importMachines(table, rest);
    case 'list':
      return listMachines(table, values.json ?? false);
    case 'pin':
      return pinMachines(table, openBucket(stage, values.account ?? stage.account), rest);
    case 'unpin':
      return unpinMachines(table, rest);
    case 'remove':
      return removeMachines(table, rest);
    default:
      throw new Refusal(`action: got ${quote(action)}, allowed are import, list, pin, unpin, remove`);
  }
});

async function importMachines(table: RegistryTable, [path]: readonly string[]): Promise<number> {
  if (path === undefined) throw new Refusal('import: name a file, like machines.json');
  const parsed = parseRegistryFile(
    readText(path),
    knownTypes.types.map((type) => type.name),
  );
  if (!parsed.ok) throw new Refusal(parsed.error.map((problem) => `${path}: ${problem}`).join('\n'), 1);
  for (const machine of parsed.value) await table.put(machine);
  console.error(`${parsed.value.length} machines registered`);
  return 0;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Refusal(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function listMachines(table: RegistryTable, asJson: boolean): Promise<number> {
  const machines = await table.list();
  if (asJson) console.log(JSON.stringify(machines));
  else for (const m of machines) console.log([m.machineId, m.machineType, m.site, m.line, m.name].join('\t'));
  return 0;
}

function openBucket(stage: Stage, account: string | undefined): ModelBucket {
  if (account === undefined) throw new Refusal('pin: the bucket carries the account; say --account <12 digits>');
  return new ModelBucket(modelsBucketName(stage.name, account, stage.region), connectionFor(stage));
}

/** Nothing is put anywhere unless all machines are known and of the model's type. */
async function pinMachines(table: RegistryTable, bucket: ModelBucket, given: readonly string[]): Promise<number> {
  const [path, ...machineIds] = given;
  if (path === undefined || machineIds.length === 0)
    throw new Refusal('pin: name a model file and at least one machine');
  const text = readText(path);
  const opened = openArtefact(text);
  if (!opened.ok) throw new Refusal(`${path}: ${opened.error}`, 1);
  const { machineType, version } = opened.value.model;
  const machines = await findMachines(table, machineIds);
  const other = machines.find((machine) => machine.machineType !== machineType);
  if (other) throw new Refusal(`${other.machineId}: is a ${other.machineType}, the model is of ${machineType}`, 1);
  await bucket.put({ machineType, version, text });
  for (const machine of machines) await table.put({ ...machine, modelPins: { ...machine.modelPins, state: version } });
  console.error(`${machines.length} machines pinned to ${version}; within five minutes model_changed tells of each`);
  return 0;
}

async function unpinMachines(table: RegistryTable, machineIds: readonly string[]): Promise<number> {
  if (machineIds.length === 0) throw new Refusal('unpin: name at least one machine');
  const machines = await findMachines(table, machineIds);
  for (const { modelPins, ...machine } of machines) {
    const { state, ...others } = modelPins;
    await table.put({ ...machine, modelPins: others });
    console.error(`${machine.machineId}: ${state === undefined ? 'was not pinned' : `no longer on ${state}`}`);
  }
  return 0;
}

async function findMachines(table: RegistryTable, machineIds: readonly string[]): Promise<MachineEntry[]> {
  const machines: MachineEntry[] = [];
  for (const machineId of machineIds) {
    const machine = await table.get(machineId);
    if (machine === undefined) throw new Refusal(`${machineId}: is not registered`, 1);
    machines.push(machine);
  }
  return machines;
}

async function removeMachines(table: RegistryTable, machineIds: readonly string[]): Promise<number> {
  if (machineIds.length === 0) throw new Refusal('remove: name at least one machine');
  let missing = 0;
  for (const machineId of machineIds) {
    const isRemoved = await table.remove(machineId);
    if (!isRemoved) missing++;
    console.error(isRemoved ? `${machineId}: removed` : `${machineId}: is not registered`);
  }
  return missing === 0 ? 0 : 1;
}
