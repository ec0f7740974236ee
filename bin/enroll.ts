import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { knownTypeNames, knownTypes } from '../core/machine-types/known.ts';
import { unnamedSite } from '../core/telemetry/site.ts';
import { isMachineId, machineIdRule } from '../core/telemetry/topic.ts';
import { connectionFor, Refusal, requireStage, runCommand } from './command/run-command.ts';
import { credentialsFolderOf, writeAmazonRoots, writeCredentials, writeEndpoint } from './fleet/credentials-folder.ts';
import { Enrolment } from './fleet/enrolment.ts';
import { RegistryTable } from './fleet/registry-table.ts';

const help = `npm run enroll -- <stage> <machineId…> [--type name] [--site name] [--line name] [--renew] [--out folder]
  Gives machines an identity: thing, certificate and policy in IoT Core, an entry in the registry, and a credentials folder
  that npm run simulate -- --stage <stage> takes. The private keys exist nowhere else.
  --site name    without one a machine stands in "${unnamedSite}"
  --type name    of machines that the registry does not know yet: ${knownTypeNames()}
  --renew        a machine that has a certificate gets a new one, and the old ones are revoked
  --out folder   default .credentials/<stage>, or .local/credentials for stage local`;

await runCommand('enroll', help, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      type: { type: 'string' },
      site: { type: 'string', default: '' },
      line: { type: 'string', default: '' },
      renew: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  });
  const [stageName, ...machineIds] = positionals;
  const stage = requireStage(stageName);
  checkArguments(machineIds, values.type);
  const connection = connectionFor(stage);
  const enrolment = new Enrolment(stage.name, connection);
  const registry = new RegistryTable(stage.name, connection);
  const folder = values.out ?? credentialsFolderOf(stage);
  writeEndpoint(folder, await enrolment.findEndpoint());
  if (!stage.laptop) writeAmazonRoots(folder);
  else if (!existsSync(join(folder, 'ca.pem'))) {
    console.error(`${folder}: has no ca.pem; copy the one that npm start leaves in .local/credentials`);
  }
  for (const machineId of machineIds) {
    const former = await enrolment.principalsOf(machineId);
    if (former.length > 0 && !values.renew) {
      console.error(`${machineId}: has a certificate already; --renew gives it a new one`);
      continue;
    }
    const machineType = await registerOnce(registry, {
      machineId,
      type: values.type,
      site: values.site,
      line: values.line,
    });
    writeCredentials(folder, machineId, await enrolment.enrol(machineId, machineType));
    for (const principal of former) await enrolment.revoke(machineId, principal);
    console.error(`${machineId}: enrolled as ${machineType}, credentials in ${folder}/${machineId}`);
  }
  return 0;
});

function checkArguments(machineIds: readonly string[], type: string | undefined): void {
  if (machineIds.length === 0) throw new Refusal('machine: got nothing; name at least one');
  const wrong = machineIds.find((machineId) => !isMachineId(machineId));
  if (wrong !== undefined) throw new Refusal(`machine id: got "${wrong}", allowed is ${machineIdRule}`);
  if (type !== undefined && knownTypes.findType(type) === undefined) {
    throw new Refusal(`--type: got "${type}", allowed are ${knownTypeNames()}`);
  }
}

interface Newcomer {
  readonly machineId: string;
  readonly type: string | undefined;
  readonly site: string;
  readonly line: string;
}

/** The registry's word counts; a machine that it does not know is entered. */
async function registerOnce(registry: RegistryTable, { machineId, type, site, line }: Newcomer): Promise<string> {
  const known = await registry.get(machineId);
  if (known !== undefined && type !== undefined && type !== known.machineType) {
    throw new Refusal(`${machineId}: registered as ${known.machineType}, --type says ${type}; mend the registry first`);
  }
  if (known !== undefined) return known.machineType;
  if (type === undefined) throw new Refusal(`${machineId}: not in the registry; say its --type, or import it first`);
  await registry.put({
    machineId,
    machineType: type,
    name: machineId,
    site,
    line,
    criticality: 'medium',
    downtimeEurPerHour: 0,
    modelPins: {},
  });
  return type;
}
