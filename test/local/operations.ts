import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPlaces } from '../../bin/desk/places.ts';
import { loadStage } from '../../bin/stage/load-stage.ts';
import { connectDesk } from '../../lambdas/adapters/connect-desk.ts';
import { createDesk, type Desk } from '../../lambdas/incidents/desk.ts';
import { type Json, owner } from '../../local/engine.ts';
import { ownerKeyId } from '../../local/wire/credentials.ts';
import { type Sketch, sketchCase } from '../core/incidents/plant.ts';
import { until } from '../until.ts';
import { openLaptop, type Spoil, synthesise, type TestLaptop } from './assembly.ts';

/** A laptop with its mailbox, its events and its desk: where alerting and maintenance are played through. */
export interface Operations extends TestLaptop {
  readonly desk: Desk;
  readonly events: readonly Json[];
  /** Puts an anomaly event on the bus, as detection would. */
  observe(sketch: Sketch): Promise<unknown>;
  /** Subjects of the mails so far, in the order of their sending. */
  subjects(): string[];
  /** Of machines and work: on a slow machine the promise of ten seconds breaks, and the system's own alarm is mailed too. */
  mails(): string[];
  news(): string[];
  until(check: () => void | Promise<void>): Promise<void>;
}

export async function openOperations(spoil?: Spoil, assembly?: string): Promise<Operations> {
  await synthesise();
  const test = await openLaptop(spoil, undefined, assembly);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: test.laptop.url,
    AWS_ACCESS_KEY_ID: ownerKeyId,
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_REGION: 'us-east-1',
  });
  const events: Json[] = [];
  test.laptop.events.listeners.add((event) => events.push(event));
  const stage = loadStage('local');
  if (!stage.ok) throw new Error(stage.error.join());
  const places = await findPlaces(stage.value, { region: stage.value.region });
  const links = { incident: null, acknowledge: null, runbook: 'docs/runbook.md' };
  const mails = (): string[] => {
    const mailbox = join(test.folder, 'data', 'mailbox');
    try {
      return readdirSync(mailbox)
        .sort()
        .map((name) => readFileSync(join(mailbox, name), 'utf8'))
        .filter((mail) => !/^Subject: (ALARM|OK): /m.test(mail));
    } catch {
      return []; // the folder is made with the first mail
    }
  };
  return {
    ...test,
    events,
    desk: createDesk({ ...connectDesk(places), linksFor: async () => links }),
    observe: (sketch) => {
      const Detail = JSON.stringify({ schemaVersion: 1, ...sketchCase({ openedAtMs: Date.now(), ...sketch }) });
      const entry = { EventBusName: places.EVENT_BUS, Source: 'factory.twin', DetailType: 'anomaly', Detail };
      return test.laptop.cloud.call('events', 'PutEvents', { Entries: [entry] }, owner);
    },
    mails,
    subjects: () => mails().map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1] ?? ''),
    news: () =>
      events
        .filter((event) => event['detail-type'] === 'maintenance')
        .map((event) => String((event.detail as Json).news)),
    until,
  };
}
