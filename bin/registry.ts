import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { builtinMachineTypes } from '../core/machine-types/builtin.ts';
import { connectionFor, quote, Refusal, requireStage, runCommand } from './command/run-command.ts';
import { parseRegistryFile } from './fleet/registry-file.ts';
import { RegistryTable } from './fleet/registry-table.ts';

const help = `npm run registry -- <stage> <action>
  import <machines.json>   registers every machine of the file, or none when one entry is wrong; known ones are replaced
  list [--json]            the machines registered, one a line
  remove <machineId…>      takes machines out; within five minutes their samples go to quarantine

machines.json: [{"machineId":"CNC-001","machineType":"cnc-mill","name":"Mill 1","site":"Ulm","line":"A",
  "criticality":"high","downtimeEurPerHour":400,"commissionedOn":"2024-05-01","modelPins":{}}]
machineId and machineType are needed; criticality is low, medium or high.`;

await runCommand(help, async (args) => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean' } } });
  const [stageName, action, ...rest] = positionals;
  const stage = requireStage(stageName);
  const table = new RegistryTable(stage.name, connectionFor(stage));
  switch (action) {
    case 'import':
      return importMachines(table, rest);
    case 'list':
      return listMachines(table, values.json ?? false);
    case 'remove':
      return removeMachines(table, rest);
    default:
      throw new Refusal(`action: got ${quote(action)}, allowed are import, list, remove`);
  }
});

async function importMachines(table: RegistryTable, [path]: readonly string[]): Promise<number> {
  if (path === undefined) throw new Refusal('import: name a file, like machines.json');
  const parsed = parseRegistryFile(
    readText(path),
    builtinMachineTypes.map((type) => type.name),
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
