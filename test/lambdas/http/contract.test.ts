/** Every operation of the document, as every role and as a program: who may not is refused and stands in the audit trail. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { deskOperations } from '../../../core/api/desk.ts';
import { describeApi } from '../../../core/api/openapi.ts';
import { type Operation, programRouteOf, routeKeyOf } from '../../../core/api/operation.ts';
import { operations } from '../../../core/api/operations.ts';
import { mayActAs, type Role, roles } from '../../../core/api/roles.ts';
import { problemSchema } from '../../../core/api/schemas.ts';
import type { WorkOrderState } from '../../../core/maintenance/work-order.ts';
import { Plant } from '../api/plant.ts';
import { openOffice } from '../desk/office.ts';

const programArn = 'arn:aws:sts::111122223333:assumed-role/historian/i-1';
const office = await openOffice();

/** What each parameter may be; an operation that asks for more has no business in this API without a line here. */
const places: Readonly<Record<string, string>> = {
  machineId: 'PRESS-A',
  typeName: 'generic',
  incidentId: office.incidentId,
  workOrderId: office.workOrderId,
  site: office.site,
};

/** A body that each changing operation takes. */
const bodies: Readonly<Record<string, unknown>> = {
  actOnIncident: { kind: 'comment', text: 'looked at it' },
  decideWorkOrder: { verdict: 'approve' },
  reportFindings: { result: 'confirmed', text: 'worn' },
  requestMaintenance: { action: 'replace_bearing', reason: 'it squeals' },
};

/** In which state of the order at hand the call fits; proposed where none is named. */
const orderStates: Readonly<Record<string, WorkOrderState>> = {
  reportFindings: 'scheduled',
  requestMaintenance: 'done',
};

const all: readonly Operation[] = [...operations, ...deskOperations];
const isOfDesk = ({ id }: Operation): boolean => deskOperations.some((one) => one.id === id);
const pick = (schema: z.ZodObject, from: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])),
  );

function fill(operation: Operation) {
  const machineId = operation.id === 'requestMaintenance' ? 'PUMP-001' : 'PRESS-A';
  const isOrderPage = operation.id === 'listWorkOrders';
  const { machineId: _, ...query } = pick(operation.query, places);
  return {
    pathParameters: pick(operation.parameters, {
      ...places,
      machineId,
      typeName: isOfDesk(operation) ? 'centrifugal-pump' : 'generic',
    }),
    queryStringParameters: isOrderPage ? { ...query, machineId: 'PUMP-001' } : query,
    ...(operation.body === null ? {} : { body: bodies[operation.id] }),
  };
}

interface Who {
  readonly groups?: string | null;
  readonly programArn?: string;
}

/** A fresh service for each call: one call’s change is not the next one’s state. */
async function send(operation: Operation, who: Who, asking: object = fill(operation)) {
  const routeKey = routeKeyOf(who.programArn === undefined ? operation : programRouteOf(operation));
  if (isOfDesk(operation)) {
    const desk = await openOffice(orderStates[operation.id] === undefined ? {} : { state: orderStates[operation.id]! });
    const { statusCode, body } = await desk.call(routeKey, { ...asking, ...who });
    return { statusCode, body, audited: desk.audited, errors: desk.errors };
  }
  const plant = new Plant();
  const { groups = '[viewer]' } = who;
  const iam = who.programArn === undefined ? {} : { requestContext: programContext(who.programArn) };
  const { statusCode, body } = await plant.call(routeKey, { ...asking, ...iam }, groups);
  return { statusCode, body, audited: plant.audited, errors: plant.errors };
}

const programContext = (userArn: string) => ({ requestId: 'r-1', authorizer: { iam: { userArn } } });

const everyRole: readonly (Role | 'guests')[] = ['guests', ...roles];
const guarded = all.filter(({ role }) => role !== null);

describe('every operation', () => {
  it.each(all.map((operation) => [operation.id, operation] as const))(
    '%s answers as its schema says',
    async (_, operation) => {
      const { statusCode, body, errors } = await send(operation, { groups: '[admin]' });
      expect(statusCode, JSON.stringify(body)).toBe(200);
      operation.answer.schema.parse(body);
      expect(errors).toEqual([]);
    },
  );

  it.each(guarded.map((operation) => [operation.id, operation] as const))(
    '%s is for its roles alone',
    async (id, operation) => {
      for (const role of everyRole) {
        const may = role !== 'guests' && mayActAs(role, operation.role!);
        const { statusCode, body, audited } = await send(operation, { groups: `[${role}]` });
        expect(statusCode, `${role}: ${JSON.stringify(body)}`).toBe(may ? 200 : 403);
        if (!may) expect(audited).toMatchObject([{ outcome: 'refused', call: id }]);
        else expect(audited.map(({ outcome }) => outcome)).toEqual(operation.method === 'POST' ? ['done'] : []);
      }
      expect((await send(operation, { groups: null })).statusCode).toBe(401);
    },
  );

  it.each(guarded.map((operation) => [operation.id, operation] as const))(
    '%s is a program’s only where no person is needed',
    async (_, operation) => {
      const { statusCode, audited } = await send(operation, { programArn });
      expect(statusCode).toBe(operation.forPrograms ? 200 : 404);
      if (operation.method === 'POST' && operation.forPrograms)
        expect(audited).toMatchObject([{ subject: programArn }]);
      // A signature on a person’s route, or a token on a program’s, is nothing the gateway lets through; nor does the function.
      const crossed = await send({ ...operation, path: `/iam${operation.path}` }, { groups: '[guests]' });
      expect([403, 404]).toContain(crossed.statusCode);
    },
  );

  it('leaves to people what needs a person’s judgement', () => {
    const forPeople = all.filter(({ forPrograms }) => !forPrograms).map(({ id }) => id);
    expect(forPeople).toEqual(['actOnIncident', 'decideWorkOrder']);
  });

  it('stands in the document under each of its paths, with role or signature', () => {
    const { paths } = describeApi() as {
      paths: Record<string, Record<string, { security: object[]; 'x-role'?: string }>>;
    };
    for (const operation of all) {
      const told = paths[operation.path]?.[operation.method.toLowerCase()];
      expect(told?.['x-role'], operation.id).toBe(operation.role ?? undefined);
      const program = paths[programRouteOf(operation).path]?.[operation.method.toLowerCase()];
      const wanted = operation.role === null || !operation.forPrograms ? undefined : [{ signature: [] }];
      expect(program?.security, operation.id).toEqual(wanted);
    }
  });
});

describe('whatever is asked', () => {
  const hostile = [
    "x' OR '1'='1",
    '"; DROP TABLE samples; --',
    'PRESS-A" UNION SELECT * FROM "other',
    '../../etc/passwd',
    '${jndi:ldap://x}',
    '%00',
    '\n\r',
    '＇',
    '9'.repeat(400),
    '-1',
    '1e999',
    'null',
    '__proto__',
  ];

  it.each(guarded.map((operation) => [operation.id, operation] as const))(
    '%s takes a hostile text in any place for a text or refuses it',
    async (_, operation) => {
      const usual = fill(operation);
      for (const text of hostile) {
        for (const name of Object.keys(operation.query.shape)) {
          const query = { ...usual.queryStringParameters, [name]: text };
          await expectSound(operation, { ...usual, queryStringParameters: query });
        }
        for (const name of Object.keys(operation.parameters.shape)) {
          const reply = await expectSound(operation, {
            ...usual,
            pathParameters: { ...usual.pathParameters, [name]: text },
          });
          expect(reply.statusCode, `${name}: ${text}`).toBeGreaterThanOrEqual(400);
        }
      }
    },
  );

  it('is answered or refused with a problem, never a failure of its own', async () => {
    const names = [...new Set(guarded.flatMap(({ query }) => Object.keys(query.shape)))];
    const query = fc.dictionary(fc.constantFrom(...names, 'other'), fc.oneof(fc.string(), fc.date().map(String)));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...guarded),
        query,
        fc.oneof(fc.json(), fc.string(), fc.constant(undefined)),
        async (operation, queryStringParameters, body) => {
          const usual = fill(operation);
          await expectSound(operation, { ...usual, queryStringParameters, body });
        },
      ),
      { numRuns: 300, seed: 8 },
    );
  });

  async function expectSound(operation: Operation, asking: object) {
    const reply = await send(operation, { groups: '[admin]' }, asking);
    expect(reply.statusCode, `${operation.id} ${JSON.stringify(asking)}`).toBeLessThan(500);
    expect(reply.errors).toEqual([]);
    if (reply.statusCode >= 400) problemSchema.parse(reply.body);
    return reply;
  }
});
