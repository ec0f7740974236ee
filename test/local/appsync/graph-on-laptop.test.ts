import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graphDepthLimit, graphResolverLimit } from '../../../core/api/graph.ts';
import { graphCostLimit } from '../../../core/api/graph-cost.ts';
import { owner } from '../../../local/engine.ts';
import { createProcessMachine } from '../../../simulator/process/machine.ts';
import { sketchCase } from '../../core/incidents/plant.ts';
import { until } from '../../until.ts';
import { signInAs } from '../apigateway/sign-in.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from '../assembly.ts';
import { subscribe } from './graph-client.ts';

const machineId = 'SEAS-CNC-01';

interface Answer {
  readonly data: Record<string, never> | null;
  readonly errors?: readonly { readonly errorType: string; readonly message: string }[];
}

describe('the graph on the laptop', () => {
  let test: TestLaptop;
  let machine: MqttClient;
  let token = '';
  let url = '';

  const post = (query: string, by = token, variables: object = {}): Promise<Response> =>
    fetch(url, { method: 'POST', headers: { authorization: by }, body: JSON.stringify({ query, variables }) });
  const ask = async (query: string, variables: object = {}): Promise<Answer> =>
    (await (await post(query, token, variables)).json()) as Answer;

  beforeAll(async () => {
    await synthesise();
    test = await openLaptop();
    url = test.laptop.appSync.listUrls()[0] ?? '';
    const connection = (await enroll(test, { [machineId]: 'cnc-process', 'SILENT-01': 'cnc-process' }))(machineId);
    machine = await connectAsync(connection.url, connection.options);
    token = await signInAs(test.laptop.url, 'viewer');
    // The function's first start on a busy machine may take longer than a sample stays live.
    await ask('{ machines(limit: 10) { machines { machineId twin { phase } } } }');
    const startMs = Math.floor(Date.now() / 1000) * 1000 - 60_000;
    const samples = createProcessMachine({ machineId, seed: 7, startMs, intervalMs: 2000, faults: [] });
    for (let i = 0; i < 30; i++) {
      await machine.publishAsync(`factory/${machineId}/telemetry`, JSON.stringify(samples.next().payload), { qos: 1 });
    }
    await until(() => expect(test.laptop.ledger.totals()).toMatchObject({ published: 30, inFlight: 0 }));
  });
  afterAll(async () => {
    await machine?.endAsync(true);
    await test?.stop();
  });

  it('answers machines, twin, history and fleet in one question, as the HTTP API does', async () => {
    const { data, errors } = await ask(
      `query Look($id: ID!) {
        machines(site: "laptop", limit: 10) { machines { machineId freshness twin { phase values { signal unit quality } } } }
        twin(machineId: $id) {
          asOf sequence advice { decision } context { name value }
          history(resolutionS: 10, signals: "spindle_load_pct") { timesMs samples signals { name unit mean } }
          anomalies { next }
        }
        fleet { plant { machines bySeverity { name value } } }
        incidents(site: "Kiel") { incidents { title } }
      }`,
      { id: machineId },
    );
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      machines: {
        machines: [
          { machineId, freshness: 'live', twin: { phase: expect.any(String) } },
          { machineId: 'SILENT-01', freshness: 'never', twin: { values: [] } },
        ],
      },
      twin: { sequence: 29, history: { signals: [{ name: 'spindle_load_pct', unit: '%' }] } },
      fleet: {
        plant: { machines: 2, bySeverity: expect.arrayContaining([{ name: 'normal', value: expect.any(Number) }]) },
      },
      incidents: { incidents: [] },
    });
    const { samples } = (data as never as { twin: { history: { samples: number[] } } }).twin.history;
    expect(samples.reduce((sum, n) => sum + n, 0)).toBe(30);
  });

  it('says in one sentence what is wrong with a question, and lets no parameter into a query', async () => {
    const wrong: readonly [string, RegExp][] = [
      [`{ twin(machineId: "NOBODY-01") { phase } }`, /"NOBODY-01" is not registered/],
      [`{ twin(machineId: "x' OR '1'='1") { phase } }`, /machineId: got "x' OR '1'='1"; use /],
      [`{ history(machineId: "${machineId}", signals: "a\\" FROM x--") { next } }`, /signals: got .*use signal names/],
      [`{ machines(limit: 100000) { next } }`, /limit: got 100000/],
      ['{ nothing }', /Cannot query field "nothing"/],
      ['{ machines', /Syntax Error/],
      ['{ __schema { types { name } } }', /introspection/],
    ];
    for (const [query, says] of wrong) {
      const { errors = [] } = await ask(query);
      expect(errors.map(({ message }) => message).join(), query).toMatch(says);
    }
    const garbled = await fetch(url, { method: 'POST', headers: { authorization: token }, body: 'x' });
    expect(garbled.status).toBe(400);
  });

  it('refuses questions that are too deep or ask for too much', async () => {
    const deep =
      '{ machines(limit: 10) { machines { twin { history { signals { mean } } anomalies { anomalies { code } } } } } }';
    expect((await ask(deep)).errors).toBeUndefined();
    const limits = 'fragment E on TwinFindings { evidence { limit { min } } }';
    const deeper = await ask(`{ machines { machines { twin { findings { ...E } } } } } ${limits}`);
    expect(deeper.errors?.[0]?.message).toContain(`the query is 7 deep, allowed are ${graphDepthLimit}`);
    expect((await ask(`{ twin(machineId: "${machineId}") { findings { ...E } } } ${limits}`)).errors).toBeUndefined();
    const many = Array.from({ length: graphResolverLimit + 1 }, (_, i) => `a${i}: fleet { asOf }`).join(' ');
    const { errors = [] } = await ask(`{ ${many} }`);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.errorType).toBe('ResolverLimitExceeded');
  });

  it('reckons what a question costs, and asks nothing of one that is too dear', async () => {
    const twins = (limit: string) => `{ machines${limit} { machines { machineId twin { phase } } } }`;
    expect((await ask(twins('(limit: 50)'))).errors).toBeUndefined();
    const dear: readonly [string, object, number][] = [
      [twins(''), {}, 202],
      [`query Q($n: Int) ${twins('(limit: $n)')}`, { n: 99 }, 101],
      ['{ machines(limit: 20) { all: machines { a: twin { b: history { next } } } } }', {}, 102],
      [
        '{ machines(limit: 20) { ... on MachinePage { machines { ...T } } } } fragment T on MachineSummary { name }',
        {},
        182,
      ],
    ];
    for (const [query, variables, price] of dear) {
      const { data, errors } = await ask(query, variables);
      expect(data, query).toEqual({ machines: null });
      expect(errors?.[0]?.message, query).toContain(`machines costs ${price}, allowed are ${graphCostLimit}`);
    }
  });

  it('is for those with a token and a role; and only the bus may say that an incident changed', async () => {
    for (const bad of ['', 'a.b.c', `${token}x`]) expect((await post('{ fleet { asOf } }', bad)).status, bad).toBe(401);
    const { data, errors } = await ask('mutation { incidentChanged(incidentId: "x") { title } }');
    expect({ data, errors }).toMatchObject({
      data: { incidentChanged: null },
      errors: [{ errorType: 'Unauthorized' }],
    });
    const resources = [...test.laptop.deployment.resources.values()];
    const api = resources.find(({ type }) => type === 'AWS::AppSync::GraphQLApi');
    const roles = test.laptop.cloud.iam.listRoles();
    const role = roles.find((arn) => arn.includes('ApiWorkerRole')) ?? '';
    const input = { apiId: api?.attributes?.ApiId, query: '{ fleet { asOf } }' };
    await expect(test.laptop.cloud.call('appsync', 'GraphQL', input, { kind: 'role', arn: role })).rejects.toThrow(
      /ApiWorkerRole.*not authorized to perform: appsync:GraphQL .*types\/Query\/fields\/fleet/,
    );
  });

  it('tells an incident to who subscribed to its site, and to nobody else', async () => {
    const fields = 'incidentId title severity machineIds acknowledged { by }';
    const query = `subscription On($site: String!) { onIncident(site: $site) { ${fields} } }`;
    const kiel = await subscribe(url, token, { query, variables: { site: 'Kiel' } });
    const other = await subscribe(url, token, { query, variables: { site: 'Bremen' } });
    for (const client of [kiel, other]) {
      await client.until(() => expect(client.heard.map(({ type }) => type)).toEqual(['connection_ack', 'start_ack']));
    }
    const Detail = JSON.stringify(sketchCase({ openedAtMs: Date.now(), severity: 'critical' }));
    const entry = { EventBusName: 'factory-local-events', Source: 'factory.twin', DetailType: 'anomaly', Detail };
    await test.laptop.cloud.call('events', 'PutEvents', { Entries: [entry] }, owner);
    await kiel.until(() => expect(kiel.heard).toHaveLength(3));
    expect(kiel.heard[2]).toMatchObject({
      type: 'data',
      id: 'one',
      payload: { data: { onIncident: { severity: 'critical', machineIds: ['PUMP-001'], acknowledged: null } } },
    });
    expect(other.heard).toHaveLength(2);
    kiel.say({ type: 'stop', id: 'one' });
    await kiel.until(() => expect(kiel.heard[3]).toEqual({ type: 'complete', id: 'one' }));
    for (const client of [kiel, other]) client.close();
    await expect(subscribe(url, 'a.b.c', { query })).rejects.toThrow('401');
    expect(test.told).toEqual([]);
  });
});
