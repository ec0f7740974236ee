/**
 * The border of the laptop cloud: what an engine (one file or folder per AWS service) offers, and what it may ask of the
 * cloud around it. Every call, from a Lambda over the wire or from one engine to another, goes through `Cloud.call`,
 * so that IAM decides on each of them.
 */

/** Who calls. A service (`events.amazonaws.com`) is admitted by the resource's policy only, as on AWS. */
export type Caller =
  | {
      readonly kind: 'role';
      readonly arn: string;
      /** The service that acts as this role: `iot.amazonaws.com`. */
      readonly service?: string;
    }
  | { readonly kind: 'service'; readonly name: string; readonly sourceArn: string }
  /** The account's owner: the command line of this laptop, and the cloud bringing itself up. */
  | { readonly kind: 'owner' };

export const owner: Caller = { kind: 'owner' };

/** One permission that an operation needs. */
export interface Access {
  /** As IAM spells it: `kinesis:PutRecord`. */
  readonly action: string;
  /** An ARN, or `*` for actions without resources. */
  readonly resource: string;
  /** Condition keys of this call beyond the global ones. */
  readonly context?: Readonly<Record<string, string>>;
}

export type Json = Readonly<Record<string, unknown>>;

export interface Operation {
  /** What a request may name: what is used here, and what changes nothing that its caller would see. */
  readonly members: readonly string[];
  access(input: Json): readonly Access[];
  /** Binary members are Uint8Array on both sides; the wire converts. Refuses by throwing a ServiceError. */
  run(input: Json, caller: Caller): unknown;
  /** For requests too large to be read in the thread that all services share. */
  readonly raw?: RawOperation;
}

/** An operation on a request's bytes as they came, JSON that another thread reads; its answer is JSON too. */
export interface RawOperation {
  access(body: Uint8Array): readonly Access[];
  run(body: Uint8Array): Promise<string>;
}

/** For callers of this process, who have no bytes. */
export function readElsewhere(members: readonly string[], raw: RawOperation): Operation {
  const write = (input: Json): Uint8Array => Buffer.from(JSON.stringify(input));
  return {
    members,
    raw,
    access: (input) => raw.access(write(input)),
    run: async (input) => JSON.parse(await raw.run(write(input))) as Json,
  };
}

export function parseBody(body: Uint8Array): Json {
  if (body.byteLength === 0) return {};
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()) as Json;
  } catch (error) {
    throw new ServiceError('SerializationException', `the request is not JSON: ${(error as Error).message}`);
  }
}

/** A member that nothing here heeds is refused: its caller would wait in vain for what it asks. */
export function refuseOthers(what: string, given: Json, members: readonly string[]): void {
  const other = Object.keys(given).find((name) => !members.includes(name) && given[name] != null);
  if (other !== undefined)
    throw new ServiceError('ValidationException', `${what}: ${other} is not modelled on the laptop`);
}

/** What a service answers when it refuses: becomes the SDK's exception of that name. */
export class ServiceError extends Error {
  readonly statusCode: number;
  /** Further members of the exception's body: `RejectedRecords`. */
  readonly details: Json;
  constructor(code: string, message: string, statusCode = 400, details: Json = {}) {
    super(message);
    this.name = code;
    this.statusCode = statusCode;
    this.details = details;
  }
}

/** One resource of the template, its intrinsics resolved. */
export interface ResourceRequest {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Json;
  /** A name in CloudFormation's manner for properties that give none; the same at each start. */
  readonly physicalName: string;
  /** As the template has them: what becomes of it when it leaves, and when another takes its place. */
  readonly deletionPolicy?: string | undefined;
  readonly updateReplacePolicy?: string | undefined;
}

export interface CreatedResource {
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives, by attribute: `Arn`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface ResourceModel {
  /**
   * Every property that is modelled, as dotted paths; lists are transparent (`Targets.Arn`), `.*` takes all below
   * (`EventPattern.*`). A property of the template outside of these stops the start.
   */
  readonly properties: readonly string[];
  create(request: ResourceRequest): CreatedResource | Promise<CreatedResource>;
}

/** How a REST service spells an operation: path members in braces, greedy with `+`; query and JSON body join them. */
export interface Route {
  readonly method: string;
  /** `/things/{thingName}` */
  readonly path: string;
  readonly operation: string;
  /** Query parameter → member, where their names differ. */
  readonly query?: Readonly<Record<string, string>>;
  /** Header → member, for those a service keeps there. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Engine {
  /** The service's name in signatures and IAM actions: `kinesis`, `dynamodb`, `timestream`, `iot`. */
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resources: Readonly<Record<string, ResourceModel>>;
  /** For services of the REST JSON protocol. */
  readonly routes?: readonly Route[];
  /** When every resource exists: begin to poll, listen, evaluate. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
}

export interface Cloud {
  readonly region: string;
  readonly accountId: string;
  /** Where engines keep what outlives the process, each in a file or folder of its own name. */
  readonly dataFolder: string;
  readonly ledger: LedgerPort;
  nowMs(): number;
  /** Into the local CloudWatch, where alarms look. */
  putMetric(namespace: string, name: string, dimensions: Readonly<Record<string, string>>, value: number): void;
  /** Runs an operation of an engine, if the caller may. Throws ServiceError. */
  call(service: string, operation: string, input: Json, caller: Caller): Promise<unknown>;
  /** Throws AccessDeniedException naming role, action and resource. */
  authorize(caller: Caller, access: Access): void;
  readonly iam: IamPort;
  /** One line for a person, told live and kept in the log. */
  tell(source: string, message: string): void;
}

export interface IamPort {
  /** The caller that a service acts as with this role, if the role's trust policy lets it: `iot.amazonaws.com`. */
  assume(roleArn: string, servicePrincipal: string): Caller;
  /** Attaches a resource's own policy; one more under the same ARN adds to it. */
  attachPolicy(resourceArn: string, document: Json): void;
}

export interface PublishedRecord {
  /** The machine's id. */
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** Where the ends of the pipe report samples; their sums must meet. */
export interface LedgerPort {
  /** The broker took a message, once for each, before acknowledging it. */
  published(topic: string, payload: Uint8Array, atMs: number): void;
  /** The store took rows that it did not have before (same dimensions, measure name and time: not new). */
  stored(table: string, machineId: string, newRows: number): void;
  /** The store was given rows again that it has. */
  repeated(machineId: string, rows: number): void;
  /** Records come onto a stream past the broker: redriven ones, which were counted at their end already. */
  putBack(records: readonly PublishedRecord[]): void;
  /** A function is done with these records of the stream, whatever became of each. */
  consumed(records: readonly PublishedRecord[]): void;
  /** Records whose retries or age ran out; they are told as consumed too. */
  givenUp(records: readonly PublishedRecord[], reason: string): void;
  /** A function put samples aside that it cannot use; the key is the same when it does so again. */
  quarantined(machineId: string, samples: number, reason: string, key: string): void;
  /** A rule refused or lost a message, with the reason; a message in its error action's queue counts here too. */
  deadLettered(reason: string, topic: string, payload: Uint8Array): void;
}

/** ARN of a resource of this account. */
export function formatArn(cloud: Pick<Cloud, 'region' | 'accountId'>, service: string, resource: string): string {
  return `arn:aws:${service}:${cloud.region}:${cloud.accountId}:${resource}`;
}
