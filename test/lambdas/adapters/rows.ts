import { createTwin } from '../../../core/detection/twin.ts';
import { knownTypes } from '../../../core/machine-types/known.ts';
import { parsePayload } from '../../../core/telemetry/parse.ts';
import type { SeriesRow } from '../../../lambdas/ports/series-writer.ts';

const startMs = Date.parse('2026-01-01T00:00:00.000Z');

/** Rows of one machine, a second apart, as the twin of a generic machine concludes them. */
export function createRows(
  count: number,
  sensors: Readonly<Record<string, number>> = { temperature: 40, rpm: 1200 },
): SeriesRow[] {
  const type = knownTypes.findType('generic')!;
  const twin = createTwin(type);
  return Array.from({ length: count }, (_, recordIndex) => {
    const timestamp = startMs + recordIndex * 1000;
    const payload = { machine_type: 'generic', machine_id: 'M-1', timestamp, sequence: recordIndex, sensors };
    const [parsed] = parsePayload(payload, knownTypes);
    if (!parsed?.ok) throw new Error('the sample of this test is wrong');
    const observation = twin.observe(parsed.value, timestamp);
    const machine = { machineId: 'M-1', machineType: 'generic', name: 'Press 1', site: 'Ulm', line: '' };
    const forecast = { machineId: 'M-1', atMs: timestamp, components: [], nextMaintenance: null };
    return { type, sample: parsed.value, observation, machine, recordIndex, forecast, isForecastNew: false };
  });
}
