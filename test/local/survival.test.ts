import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Json, owner } from '../../local/engine.ts';
import { createProcessMachine } from '../../simulator/process/machine.ts';
import { until } from '../until.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from './assembly.ts';

const machineIds = ['SEAS-CNC-01', 'SEAS-CNC-02', 'SEAS-CNC-03'];
const fleet = Object.fromEntries(machineIds.map((machineId) => [machineId, 'cnc-process']));

beforeAll(synthesise);

/** Puts samples on the stream past the broker: the stream books them. */
async function publish(test: TestLaptop, count: number, startMs: number): Promise<void> {
  const [stream] = test.laptop.kinesis.listStreams();
  for (const [i, machineId] of machineIds.entries()) {
    const machine = createProcessMachine({ machineId, seed: i, startMs, intervalMs: 1000, faults: [] });
    const records = Array.from({ length: count }, () => ({
      PartitionKey: machineId,
      Data: Buffer.from(JSON.stringify(machine.next().payload)),
    }));
    await test.laptop.cloud.call('kinesis', 'PutRecords', { StreamName: stream!.name, Records: records }, owner);
  }
}

const findDetection = (test: TestLaptop) =>
  test.laptop.lambda.listFunctions().find(({ settings }) => settings.environment.LEASE_TABLE !== undefined)!;

async function countRows(test: TestLaptop): Promise<number> {
  const { STORE_DATABASE, STORE_TABLE } = findDetection(test).settings.environment;
  const QueryString = `SELECT count(*) FROM "${STORE_DATABASE}"."${STORE_TABLE}"`;
  const { Rows } = (await test.laptop.cloud.call('timestream', 'Query', { QueryString }, owner)) as { Rows: Json[] };
  return Number((Rows[0]!.Data as { ScalarValue: string }[])[0]!.ScalarValue);
}

const drained = (test: TestLaptop): Promise<unknown> =>
  until(() => expect(test.laptop.ledger.totals().inFlight).toBe(0));

describe('no sample is lost or counted twice', () => {
  it('when functions are killed in mid-batch', async () => {
    const test = await openLaptop();
    await enroll(test, fleet);
    const detection = findDetection(test);
    const startMs = Date.now() - 400_000;
    await publish(test, 400, startMs);
    for (const least of [0, 1, 400, 800]) {
      await until(() => {
        expect(detection.containerCount).toBeGreaterThan(0);
        expect(test.laptop.ledger.totals().stored).toBeGreaterThanOrEqual(least);
      });
      await detection.kill();
    }
    await drained(test);
    expect(test.laptop.ledger.totals()).toMatchObject({ published: 1200, stored: 1200, difference: 0 });
    expect(await countRows(test)).toBe(1200);
    await test.stop();
  });

  it('when the whole cloud is restarted in between', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'laptop-restart-'));
    const first = await openLaptop(undefined, folder);
    await enroll(first, fleet);
    await publish(first, 300, Date.now() - 600_000);
    await until(() => expect(first.laptop.ledger.totals().stored).toBeGreaterThan(0));
    await first.laptop.stop();
    const done = first.laptop.ledger.totals();
    expect(done).toMatchObject({ published: 900, difference: 0 });

    const second = await openLaptop(undefined, folder);
    expect(second.laptop.ledger.totals().published).toBe(done.inFlight);
    await publish(second, 100, Date.now() - 200_000);
    await drained(second);
    expect(second.laptop.ledger.totals()).toMatchObject({ published: done.inFlight + 300, difference: 0 });
    expect(await countRows(second)).toBe(1200);
    await second.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});
