import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringsPage, pageSources } from '../../local/command/page.ts';
import { sourcesOf } from '../../local/command/synth.ts';
import { type Json, owner } from '../../local/engine.ts';
import { loadAssembly } from '../../local/template/assembly.ts';
import { bringUp } from '../../local/template/bring-up.ts';
import { findBrowser, openBrowser } from '../../scripts/open-browser.ts';
import { createProcessMachine } from '../../simulator/process/machine.ts';
import { until } from '../until.ts';
import { assemblyFolder, enroll, openLaptop, type TestLaptop } from './assembly.ts';
import { fillIn, locationOf, redeem, takeTokens, visit } from './hosted-sign-in.ts';
import { synthesiseDeployed } from './own-stage.ts';

const machineId = 'SEAS-CNC-01';
let assembly: string;
let test: TestLaptop;

beforeAll(async () => {
  // `dev` has all that a stage for AWS has but this.
  assembly = await synthesiseDeployed({ grafana: {} });
  test = await openLaptop(undefined, undefined, assembly);
});
afterAll(() => test?.stop());

const get = async (path: string, token?: string) => {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${test.laptop.url}${path}`, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

interface Config {
  readonly hosted: { readonly authorizeUrl: string; readonly tokenUrl: string; readonly clientId: string };
  readonly liveUrl: string;
}

const readConfig = async (): Promise<Config> => JSON.parse((await get('/config.json')).text) as Config;

const askedByPage = async () => ({
  origin: test.laptop.url,
  clientId: (await readConfig()).hosted.clientId,
  redirectUri: `${test.laptop.url}/`,
});

const findRef = (type: string, part = ''): string =>
  [...test.laptop.deployment.resources.values()].find((one) => one.type === type && one.ref.includes(part))!.ref;

describe('a stage for AWS on the laptop', () => {
  it('takes samples, and accounts for each of them and for nothing else', async () => {
    const { url, options } = (await enroll(test, { [machineId]: 'cnc-process' }))(machineId);
    const client = await connectAsync(url, options);
    const startMs = Date.now() - 20_000;
    const machine = createProcessMachine({ machineId, seed: 3, startMs, intervalMs: 2000, faults: [] });
    for (let i = 0; i < 5; i++) {
      await client.publishAsync(`factory/${machineId}/telemetry`, JSON.stringify(machine.next().payload), { qos: 1 });
    }
    await until(() => expect(test.laptop.ledger.totals()).toMatchObject({ published: 5, stored: 5, inFlight: 0 }));
    await client.endAsync(true);
    expect(test.laptop.ledger.totals().difference).toBe(0);
    expect([...test.laptop.ledger.accounts.keys()]).toEqual([machineId]);
    expect(test.told.join('\n')).not.toMatch(/AccessDenied|cannot|failed/);
  });

  it('says what of it is left out', () => {
    expect(test.told).toContain(
      'grafana: there is no Grafana here: its dashboards are left out (ui/grafana holds them)',
    );
  });

  it('has run the function of its custom resource: the store knows columns that no sample had', async () => {
    const table = findRef('AWS::Timestream::Table', 'Samples')
      .split('|')
      .map((name) => `"${name}"`)
      .join('.');
    const ask = (column: string) => {
      const QueryString = `SELECT "${column}" FROM ${table} LIMIT 1`;
      return test.laptop.cloud.call('timestream', 'Query', { QueryString }, owner);
    };
    await expect(ask('flow_m3_h')).resolves.toBeDefined();
    await expect(ask('state_of_charge_pct')).rejects.toThrow('state_of_charge_pct');
  });

  it('serves the page from its bucket, with the headers of its distribution', async () => {
    const page = await get('/');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    const { host } = new URL(test.laptop.url);
    const connect = `connect-src 'self' http://${host} ws://${host};`;
    expect(page.headers.get('content-security-policy')).toContain(connect);
    const [, script = ''] = /src="\.?(\/assets\/[^"]+\.js)"/.exec(page.text) ?? [];
    expect((await get(script)).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect((await get('/not-there.html')).status).toBe(403);
  });

  it('brings its page along, and the laptop builds none of its own beside it', async () => {
    expect(bringsPage(assembly)).toBe(true);
    expect(bringsPage(assemblyFolder)).toBe(false);
    expect(sourcesOf(assembly).filter((source) => !sourcesOf(assemblyFolder).includes(source))).toEqual(pageSources);
  });

  it('tells the page addresses that answer here', async () => {
    const { hosted, liveUrl } = await readConfig();
    expect(hosted.authorizeUrl).toBe(`${test.laptop.url}/oauth2/authorize`);
    expect(hosted.tokenUrl).toBe(`${test.laptop.url}/oauth2/token`);
    expect(liveUrl).toBe(`${test.laptop.url.replace('http', 'ws')}/live`);
  });

  it('lets a person in by the pool’s page, as far as the role goes, and anew by the refresh token', async () => {
    const asked = await askedByPage();
    const back = locationOf(await fillIn(asked, 'viewer'));
    expect(back.href.startsWith(asked.redirectUri)).toBe(true);
    const tokens = await redeem(asked, back.searchParams.get('code')!);
    const { status, text } = await get('/api/machines', tokens.access_token);
    expect([status, JSON.parse(text).machines[0].machineId]).toEqual([200, machineId]);
    const form = { grant_type: 'refresh_token', client_id: asked.clientId, refresh_token: tokens.refresh_token! };
    const renewed = await takeTokens(asked.origin, form);
    expect((await get('/api/machines', renewed.access_token)).status).toBe(200);
    expect((await get('/api/machines', tokens.refresh_token)).status).toBe(401);
    const elsewhere = { ...asked, redirectUri: `${asked.redirectUri}elsewhere` };
    expect((await visit(`${asked.origin}/login?client_id=${elsewhere.clientId}`)).status).toBe(400);
    expect((await fillIn(elsewhere, 'viewer')).status).toBe(400);
  });
});

describe('a machine with a claim', () => {
  const clients: MqttClient[] = [];
  afterAll(() => Promise.all(clients.map((client) => client.endAsync(true))));

  const iot = (operation: string, input: Json) => test.laptop.cloud.call('iot', operation, input, owner);
  const connect = async (clientId: string, cert: string, key: string): Promise<MqttClient> => {
    const url = `mqtts://localhost:${test.laptop.iot.port()}`;
    const client = await connectAsync(url, { clientId, cert, key, ca: test.laptop.iot.caPem, reconnectPeriod: 0 });
    clients.push(client);
    return client;
  };
  const connectByClaim = async (clientId: string): Promise<MqttClient> => {
    const claim = (await iot('CreateKeysAndCertificate', { setAsActive: true })) as Record<string, string> & {
      keyPair: { PrivateKey: string };
    };
    await iot('AttachPolicy', { policyName: findRef('AWS::IoT::Policy', 'claim'), target: claim.certificateArn });
    return connect(clientId, claim.certificatePem!, claim.keyPair.PrivateKey);
  };
  /** Asks, and gives what comes back and where. */
  const ask = async (client: MqttClient, topic: string, payload: Json) => {
    await client.subscribeAsync([`${topic}/accepted`, `${topic}/rejected`]);
    const answered = new Promise<Record<string, string>>((done) => {
      client.once('message', (from, body) =>
        done({ ...JSON.parse(body.toString()), verdict: from.split('/').at(-1)! }),
      );
    });
    await client.publishAsync(topic, JSON.stringify(payload), { qos: 1 });
    return answered;
  };
  const provision = `$aws/provisioning-templates/factory-dev-provisioning/provision/json`;

  it('gets a certificate of its own, and publishes by it as itself only', async () => {
    await enroll(test, { 'NEW-01': 'cnc-mill' });
    // Registered, and without a certificate: as a machine that has not come yet.
    const [principal] = ((await iot('ListThingPrincipals', { thingName: 'NEW-01' })) as { principals: string[] })
      .principals;
    await iot('DetachThingPrincipal', { thingName: 'NEW-01', principal: principal! });
    const claim = await connectByClaim('claim-1');
    const own = await ask(claim, '$aws/certificates/create/json', {});
    const described = (await iot('DescribeCertificate', { certificateId: own.certificateId })) as {
      certificateDescription: { status: string };
    };
    expect(described.certificateDescription.status).toBe('PENDING_ACTIVATION');
    const request = { certificateOwnershipToken: own.certificateOwnershipToken, parameters: { MachineId: 'NEW-01' } };
    const answer = await ask(claim, provision, request);
    expect(answer).toMatchObject({ verdict: 'accepted', thingName: 'NEW-01' });
    const machine = await connect('NEW-01', own.certificatePem!, own.privateKey!);
    const closed = new Promise((done) => machine.once('close', () => done('closed')));
    machine.publish(`factory/${machineId}/telemetry`, '{}', { qos: 1 });
    expect(await closed).toBe('closed');
  });

  it('gets none for a machine that nobody registered, nor without the token of its certificate', async () => {
    const claim = await connectByClaim('claim-2');
    const { certificateOwnershipToken } = await ask(claim, '$aws/certificates/create/json', {});
    const parameters = { MachineId: 'STRANGER-01' };
    const stranger = await ask(claim, provision, { certificateOwnershipToken, parameters });
    expect(stranger).toMatchObject({ verdict: 'rejected', statusCode: 403, errorCode: 'AccessDenied' });
    const guessed = await ask(claim, provision, { certificateOwnershipToken: 'guessed', parameters });
    expect(guessed).toMatchObject({ verdict: 'rejected', errorCode: 'InvalidCertificateOwnershipToken' });
  });
});

it.skipIf(findBrowser() === undefined)(
  'signs in from the page in a browser, shows the machine, and asks who it is after signing out',
  async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${test.laptop.url}/`);
      await page.getByRole('button', { name: /^Sign in at / }).click();
      await page.getByLabel('User').fill('viewer');
      await page.getByLabel('Password').fill('Factory-twin-1');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('.tile', { hasText: machineId }).waitFor();
      expect(new URL(page.url()).search).toBe('');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: /^Sign in at / }).click();
      await page.getByLabel('Password').waitFor({ timeout: 5000 });
    } finally {
      await browser.close();
    }
  },
);

it('stops the start for a property more of any type, but of a custom resource, whose function judges', async () => {
  const { findModel } = test.laptop.cloud;
  const seen = new Set<string>();
  for (const stack of loadAssembly(assembly)) {
    for (const [logicalId, resource] of Object.entries(stack.template.Resources)) {
      const { Type } = resource;
      if (seen.has(Type) || ['AWS::CDK::Metadata', 'Custom::SeriesColumns'].includes(Type)) continue;
      seen.add(Type);
      const spoilt = { ...resource, Properties: { ...resource.Properties, Unheard: 'of' } };
      const template = { ...stack.template, Resources: { ...stack.template.Resources, [logicalId]: spoilt } };
      await expect(bringUp([{ ...stack, template }], { accountId: '000000000000', findModel })).rejects.toThrow(
        `property Unheard: this property of ${Type} is not modelled here`,
      );
    }
  }
  expect(seen.size).toBeGreaterThan(40);
});

it('tells the function of a custom resource that has left the template', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'left-'));
  const first = await openLaptop(undefined, folder, assembly);
  await first.laptop.stop();
  const read = (): [string, unknown][] =>
    JSON.parse(readFileSync(join(folder, 'data', 'custom-resources.json'), 'utf8')) as [string, unknown][];
  expect(read().map(([key]) => key)).toEqual([expect.stringMatching(/^FactoryTwin-dev-Pipeline\/\w*Columns\w*$/)]);
  const logicalId = read()[0]![0].split('/')[1]!;
  const withoutIt = (text: string): string => {
    const template = JSON.parse(text) as { Resources: Record<string, unknown> };
    delete template.Resources[logicalId];
    return JSON.stringify(template);
  };
  const second = await openLaptop(withoutIt, folder, assembly);
  expect(read()).toEqual([]);
  expect(second.told.join('\n')).not.toContain(logicalId);
  await second.stop();
});

it('stops the start where the stage keeps its samples in InfluxDB, and names the first thing of it', async () => {
  const withInfluxDb = await synthesiseDeployed({ store: 'influxdb' });
  await expect(openLaptop(undefined, undefined, withInfluxDb)).rejects.toThrow(
    /^stack FactoryTwin-dev-Data, resource TimeSeriesNetworkVpc[0-9A-F]{8}: type AWS::EC2::VPC is not modelled here$/,
  );
});
