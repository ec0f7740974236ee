/** What AppSync adds to GraphQL: its scalars as far as they are used, and its directives. */
import { GraphQLError, type GraphQLScalarType, type GraphQLSchema } from 'graphql';

export const scalarsAndDirectives = `
scalar AWSDateTime
scalar AWSJSON
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION
directive @aws_oidc on OBJECT | FIELD_DEFINITION
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION`;

/** Seconds may be left out, a zone may not (developer guide, "Scalar types in AWS AppSync"). */
const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}(:\d{2})?)$/;

function checkDateTime(value: unknown): unknown {
  if (typeof value === 'string' && dateTime.test(value)) return value;
  throw new GraphQLError(`Can't serialize value: ${String(value)} is no AWSDateTime`);
}

function parseJson(value: unknown): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    throw new GraphQLError('Unable to parse value as valid AWSJSON');
  }
}

export function useScalars(schema: GraphQLSchema): GraphQLSchema {
  const scalar = (name: string): GraphQLScalarType => schema.getType(name) as GraphQLScalarType;
  const [moment, json] = [scalar('AWSDateTime'), scalar('AWSJSON')];
  for (const name of ['serialize', 'coerceOutputValue', 'parseValue', 'coerceInputValue'] as const) {
    Object.assign(moment, { [name]: checkDateTime });
  }
  Object.assign(json, { serialize: JSON.stringify, coerceOutputValue: JSON.stringify });
  Object.assign(json, { parseValue: parseJson, coerceInputValue: parseJson });
  return schema;
}
