import type { BatchWriteItemCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { QueryCommandOutput, TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import type { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';

type Stack = TimestreamWriteClient['middlewareStack'];

/**
 * Sends a command's input as it stands, but for bytes, which are base64 on the wire. The SDK's serialiser walks the
 * service's schema member by member, which for a hundred records of thirty measures costs ten times what the runtime's own
 * JSON takes; where every member is a text, a number, bytes or a list of such, the input is the wire form already.
 * `leave` gives what the SDK's own steps still look at.
 */
function sendAsItStands(stack: Stack, commandName: string, leave: (input: object) => object): void {
  const held = new WeakMap<object, object>();
  stack.add(
    (next, context) => (args) => {
      if (context.commandName !== commandName) return next(args);
      held.set(context, args.input);
      return next({ ...args, input: leave(args.input) as typeof args.input });
    },
    { step: 'initialize', priority: 'high', name: 'holdInput' },
  );
  stack.add(
    (next, context) => (args) => {
      const input = held.get(context);
      // The length and the signature are made from the body in the steps that follow.
      if (input !== undefined)
        (args.request as { body: unknown }).body = Buffer.from(JSON.stringify(input, writeBytes));
      return next(args);
    },
    { step: 'build', priority: 'high', name: 'putInput' },
  );
}

/** Buffer's own toJSON has been asked before the value comes here; the holder still has the bytes. */
function writeBytes(this: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  const given = this[name];
  return given instanceof Uint8Array
    ? Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString('base64')
    : value;
}

export function sendRecordsAsTheyStand(client: TimestreamWriteClient): void {
  sendAsItStands(client.middlewareStack, 'WriteRecordsCommand', (input) => ({ ...input, Records: [] }));
}

export function sendBatchesAsTheyStand(client: DynamoDBClient): void {
  const leave = (input: object): object => {
    const { RequestItems } = input as BatchWriteItemCommandInput;
    const tables = Object.keys(RequestItems ?? {});
    return { ...input, RequestItems: Object.fromEntries(tables.map((name) => [name, []])) };
  };
  // All clients' stacks are alike; only what goes through them is typed apart.
  sendAsItStands(client.middlewareStack as unknown as Stack, 'BatchWriteItemCommand', leave);
}

interface RawResponse {
  readonly statusCode: number;
  body: unknown;
}

/**
 * Reads the answers of queries as they stand, for the same reason: of a day in minutes the SDK's deserialiser walks
 * fourteen thousand values, each a union by its schema, and its logging walks them again for a log that nobody has.
 * A query's answer is lists, texts and truths, so the wire form is the output already. Refusals stay the SDK's.
 */
export function readRowsAsTheyStand(client: TimestreamQueryClient): void {
  const held = new WeakMap<object, object>();
  client.middlewareStack.remove('loggerMiddleware');
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      return { ...answer, output: { ...answer.output, ...held.get(context) } as QueryCommandOutput };
    },
    { step: 'initialize', priority: 'high', name: 'putRows' },
  );
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      const response = answer.response as RawResponse;
      if (response.statusCode !== 200 || !('QueryString' in args.input)) return answer;
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) chunks.push(chunk);
      held.set(context, JSON.parse(Buffer.concat(chunks).toString()) as object);
      response.body = Buffer.from('{}');
      return answer;
    },
    // Below the SDK's own, which then finds nothing to walk.
    { step: 'deserialize', priority: 'low', name: 'holdRows' },
  );
}
