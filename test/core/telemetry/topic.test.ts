import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  channels,
  formatBasicIngestTopic,
  formatTopic,
  isMachineId,
  parseTopic,
} from '../../../core/telemetry/topic.ts';

fc.configureGlobal({ seed: 2026 });

const machineId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9:_-]{0,63}$/);

describe('a topic', () => {
  it('reads back as it was written, plain or through Basic Ingest', () => {
    fc.assert(
      fc.property(machineId, fc.constantFrom(...channels), (id, channel) => {
        const expected = { ok: true, value: { machineId: id, channel } };
        expect(parseTopic(formatTopic(id, channel))).toEqual(expected);
        expect(parseTopic(formatBasicIngestTopic('factory_telemetry', id, channel))).toEqual(expected);
      }),
    );
  });

  it('stays within what IoT Core takes: 256 bytes', () => {
    for (const channel of channels) expect(formatTopic('x'.repeat(64), channel).length).toBeLessThanOrEqual(256);
  });

  it.each([
    ['factory/CNC-001', 'is not factory/<machineId>/<channel>'],
    ['factory/CNC-001/telemetry/x', 'is not factory/<machineId>/<channel>'],
    ['plant/CNC-001/telemetry', 'is not factory/<machineId>/<channel>'],
    ['factory/+/telemetry', 'machine id "+" in topic'],
    ['factory//telemetry', 'machine id "" in topic'],
    ['factory/CNC-001/gossip', 'channel "gossip" in topic "factory/CNC-001/gossip" is not one of telemetry, process'],
    ['$aws/rules//factory/CNC-001/telemetry', 'is not factory/<machineId>/<channel>'],
  ])('%s is refused with a sentence', (topic, sentence) => {
    const parsed = parseTopic(topic);
    expect(parsed.ok ? '' : parsed.error).toContain(sentence);
  });

  it('never throws, and what it accepts is what it would write', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((s) => `factory/${s}/telemetry`),
        ),
        (topic) => {
          const parsed = parseTopic(topic);
          if (parsed.ok) expect(topic.endsWith(formatTopic(parsed.value.machineId, parsed.value.channel))).toBe(true);
        },
      ),
    );
  });
});

it.each(['', '-A', 'a b', 'a/b', 'a#', 'a+', 'a.b', 'ä', 'x'.repeat(65), 'A\n'])('"%s" is no machine id', (text) => {
  expect(isMachineId(text)).toBe(false);
});
