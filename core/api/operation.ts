import { z } from 'zod';
import type { Role } from './roles.ts';

/**
 * One call. The document, the gateway's routes and the handler's choice are made from lists of these, so that none can
 * know a call that the others do not.
 */
export interface Operation {
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** Parameters in braces, as OpenAPI and API Gateway both write them. */
  readonly path: string;
  readonly summary: string;
  /** Null: without a token. */
  readonly role: Role | null;
  /** Whether a program may make it too, signed by its own IAM role: what needs a person's judgement it may not. */
  readonly forPrograms: boolean;
  readonly parameters: z.ZodObject;
  readonly query: z.ZodObject;
  /** Null: none is read. */
  readonly body: z.ZodType | null;
  readonly answer: { readonly contentType: string; readonly schema: z.ZodType };
}

type Chosen = 'summary' | 'answer';
type Usual = Partial<Omit<Operation, 'id' | 'path' | 'method' | Chosen>> & Pick<Operation, Chosen>;

const none = z.strictObject({});
const usual = { role: 'viewer', forPrograms: true, parameters: none, query: none, body: null } as const;

export const get = (id: string, path: string, rest: Usual): Operation => ({
  id,
  method: 'GET',
  path,
  ...usual,
  ...rest,
});

/** What changes something is for operators and above, and for people unless said otherwise. */
export const post = (id: string, path: string, rest: Usual): Operation => ({
  id,
  method: 'POST',
  path,
  ...usual,
  role: 'operator',
  forPrograms: false,
  ...rest,
});

export const json = (schema: z.ZodType): Operation['answer'] => ({ contentType: 'application/json', schema });

/** As API Gateway names a route, and tells it to the function. */
export const routeKeyOf = ({ method, path }: Pick<Operation, 'method' | 'path'>): string => `${method} ${path}`;

/** The same call for programs: a gateway's route has one authorizer, so theirs has a path of its own. */
export const programRouteOf = <T extends Pick<Operation, 'path'>>(operation: T): T => ({
  ...operation,
  path: `/iam${operation.path}`,
});
