import { z } from 'zod';
import { deskOperations } from './desk.ts';
import { type Operation, programRouteOf } from './operation.ts';
import { operations } from './operations.ts';
import { problemSchema } from './schemas.ts';

/** OpenAPI 3.1 takes JSON Schema 2020-12 as it is, which is what zod writes. */
type Json = Readonly<Record<string, unknown>>;

const problems: Readonly<Record<number, string>> = {
  400: 'A parameter is wrong; the detail says which, what was given and what is allowed',
  403: 'The token’s role may not do this',
  404: 'There is no such thing',
  409: 'It does not fit the state that the thing is in',
  503: 'The store is busy; try again',
};

/** What API Gateway answers before any code of ours: it has no way to word these otherwise. */
const gatewayAnswers: Readonly<Record<number, string>> = {
  401: 'No token, or one that does not hold',
  429: 'Too many calls; wait, then ask again',
};

export function describeApi(): Json {
  const paths: Record<string, Json> = {};
  for (const operation of [...operations, ...deskOperations]) {
    add(paths, operation.path, operation, describe(operation));
    if (operation.role !== null && operation.forPrograms) {
      add(paths, programRouteOf(operation).path, operation, describeForPrograms(operation));
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Factory Twin',
      version: '1.0.0',
      description: 'The twins of a plant’s machines, and its incidents.',
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'AWS Signature Version 4, service execute-api, by a role that may execute-api:Invoke this route',
        },
      },
    },
  };
}

function add(paths: Record<string, Json>, path: string, { method }: Operation, described: Json): void {
  paths[path] = { ...paths[path], [method.toLowerCase()]: described };
}

function describeForPrograms(operation: Operation): Json {
  const { 'x-role': _, ...rest } = describe(operation);
  return { ...rest, operationId: `${operation.id}ByProgram`, security: [{ signature: [] }] };
}

function describe(operation: Operation): Json {
  const { id, summary, role, answer } = operation;
  const { description, ...schema } = schemaOf(answer.schema, 'output') as Json & { description?: string };
  return {
    operationId: id,
    summary,
    ...(role === null ? { security: [] } : { security: [{ token: [] }], 'x-role': role }),
    parameters: [
      ...describeParameters(operation.parameters, 'path'),
      ...describeParameters(operation.query, 'query'),
      ...(role === null || operation.method !== 'GET' ? [] : [ifNoneMatch]),
    ],
    ...(operation.body === null ? {} : { requestBody: describeBody(operation.body) }),
    responses: {
      200: {
        description: description ?? summary,
        headers: {
          ...(answer.contentType === 'application/json' ? {} : { Link: nextPage }),
          ETag: { schema: { type: 'string' }, description: 'Leaves ages out: they grow by themselves' },
        },
        content: { [answer.contentType]: { schema } },
      },
      304: { description: 'Nothing changed but ages' },
      ...Object.fromEntries(Object.entries(gatewayAnswers).map(([status, text]) => [status, describeMessage(text)])),
      ...Object.fromEntries(Object.entries(problems).map(([status, text]) => [status, describeProblem(text)])),
    },
  };
}

const nextPage: Json = { schema: { type: 'string' }, description: 'To the next page, rel="next"; absent on the last' };

const describeBody = (body: z.ZodType): Json => ({
  required: true,
  content: { 'application/json': { schema: schemaOf(body, 'input') } },
});

const ifNoneMatch: Json = { name: 'If-None-Match', in: 'header', required: false, schema: { type: 'string' } };

const describeProblem = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const describeMessage = (description: string): Json => ({
  description,
  content: { 'application/json': { schema: { type: 'object', properties: { message: { type: 'string' } } } } },
});

function describeParameters(schema: z.ZodObject, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
