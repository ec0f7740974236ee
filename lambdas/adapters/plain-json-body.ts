import type { QueryCommandOutput, TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import type { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';

/**
 * Sends the records of a write as they stand. The SDK's serialiser walks the service's schema member by member, which
 * for a hundred records of thirty measures costs ten times what the runtime's own JSON takes; in WriteRecords every
 * member is a text, a number or a list of such, so the input is the wire form already.
 */
export function sendRecordsAsTheyStand(client: TimestreamWriteClient): void {
  const held = new WeakMap<object, object>();
  client.middlewareStack.add(
    (next, context) => (args) => {
      if (!('Records' in args.input)) return next(args);
      held.set(context, args.input);
      return next({ ...args, input: { ...args.input, Records: [] } });
    },
    { step: 'initialize', priority: 'high', name: 'holdRecords' },
  );
  client.middlewareStack.add(
    (next, context) => (args) => {
      const input = held.get(context);
      // The length and the signature are made from the body in the steps that follow.
      if (input !== undefined) (args.request as { body: unknown }).body = Buffer.from(JSON.stringify(input));
      return next(args);
    },
    { step: 'build', priority: 'high', name: 'putRecords' },
  );
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
