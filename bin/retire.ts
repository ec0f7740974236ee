import { parseArgs } from 'node:util';
import { connectionFor, Refusal, requireStage, runCommand } from './command/run-command.ts';
import { credentialsFolderOf, removeCredentials } from './fleet/credentials-folder.ts';
import { Enrolment } from './fleet/enrolment.ts';
import { RegistryTable } from './fleet/registry-table.ts';

const help = `npm run retire -- <stage> <machineId…> [--forget]
  Takes machines off the network: their certificates are deactivated, detached and deleted, their things in IoT Core
  too, and an open connection is closed. Their history stays.
  --forget   takes them out of the registry too`;

await runCommand('retire', help, async (args) => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { forget: { type: 'boolean' } } });
  const [stageName, ...machineIds] = positionals;
  const stage = requireStage(stageName);
  if (machineIds.length === 0) throw new Refusal('retire: name at least one machine');
  const connection = connectionFor(stage);
  const enrolment = new Enrolment(stage.name, connection);
  const registry = new RegistryTable(stage.name, connection);
  let unknown = 0;
  for (const machineId of machineIds) {
    const principals = await enrolment.principalsOf(machineId);
    for (const principal of principals) await enrolment.revoke(machineId, principal);
    await enrolment.removeThing(machineId);
    removeCredentials(credentialsFolderOf(stage), machineId);
    if (values.forget) await registry.remove(machineId);
    if (principals.length === 0) unknown++;
    console.error(`${machineId}: ${principals.length === 0 ? 'had no certificate' : 'retired'}`);
  }
  return unknown === 0 ? 0 : 1;
});
