import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Json, owner } from '../../../local/engine.ts';
import { openLogFiles } from '../../../local/logs/log-files.ts';
import { createLogs } from '../../../local/logs/logs.ts';
import { openSurroundings } from '../surroundings.ts';

const logGroupName = '/plant/detection';
const folder = mkdtempSync(join(tmpdir(), 'filter-log-events-'));
const surroundings = openSurroundings(0);
let nowMs = 0;
const files = openLogFiles(
  folder,
  () => undefined,
  () => nowMs,
);
const logs = createLogs(surroundings.cloud, files);
const find = (input: Json) =>
  logs.operations.FilterLogEvents!.run({ logGroupName, ...input }, owner) as { events: Json[]; nextToken?: string };
const messages = (input: Json) => find(input).events.map(({ message }) => message);

beforeAll(() => {
  for (const LogGroupName of [logGroupName, '/plant/other']) {
    const request = { stack: 'Test', logicalId: 'Logs', type: 'AWS::Logs::LogGroup', physicalName: 'Test-Logs' };
    logs.resources['AWS::Logs::LogGroup']!.create({ ...request, properties: { LogGroupName, RetentionInDays: 7 } });
  }
  for (const [atMs, name, line] of [
    [1000, 'first', 'one'],
    [2000, 'second', 'two'],
    [3000, 'first', 'three'],
  ] as const) {
    nowMs = atMs;
    files.write(name, line, logGroupName);
  }
  files.write('first', 'elsewhere', '/plant/other');
});
afterAll(() => {
  files.flush();
  surroundings.remove();
  rmSync(folder, { recursive: true });
});

it("gives a group's lines in the order of their writing, with when and by whom", () => {
  expect(find({}).events).toEqual([
    { logStreamName: 'first', timestamp: 1000, message: 'one', ingestionTime: 1000, eventId: '0' },
    { logStreamName: 'second', timestamp: 2000, message: 'two', ingestionTime: 2000, eventId: '1' },
    { logStreamName: 'first', timestamp: 3000, message: 'three', ingestionTime: 3000, eventId: '2' },
  ]);
});

it('heeds streams, times and pages', () => {
  expect(messages({ logStreamNames: ['second'] })).toEqual(['two']);
  expect(messages({ startTime: 2000, endTime: 2999 })).toEqual(['two']);
  const { nextToken } = find({ limit: 2 });
  expect(messages({ limit: 2, nextToken })).toEqual(['three']);
});

it('refuses a group that is not there', () => {
  expect(() => find({ logGroupName: '/plant/none' })).toThrow('The specified log group does not exist.');
});
