/**
 * Archives of a bus and their replays. An archive keeps what its pattern takes, by the time in the event; a replay puts
 * that on the same bus again with `replay-name` beside the detail, and no archive takes it a second time. Source:
 * EventBridge user guide, "Archiving and replaying events", and the API reference of StartReplay and DescribeReplay.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Json } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import type { EventMatcher } from './pattern.ts';

export interface ArchiveSettings {
  readonly arn: string;
  readonly bus: string;
  readonly accepts: EventMatcher;
  /** Null keeps events for good. */
  readonly retentionMs: number | null;
}

export interface Replay {
  readonly name: string;
  readonly archiveArn: string;
  readonly destination: Json;
  readonly bus: string;
  /** Only these rules; none means all. */
  readonly ruleArns: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly startedAtMs: number;
}

export interface Archives {
  add(archive: ArchiveSettings): void;
  has(arn: string): boolean;
  belongsTo(arn: string, bus: string): boolean;
  keep(event: Json, bus: string): void;
  begin(replay: Replay): void;
  /** Hands the events of a replay over in the order of their minutes, then marks it as done. */
  run(name: string, put: (event: Json, replay: Replay) => void): void;
  describe(name: string): Json;
  close(): void;
}

interface ReplayRow {
  readonly replay: string;
  readonly lastMs: number | null;
  readonly endedAtMs: number | null;
}

export function openArchives(folder: string, nowMs: () => number): Archives {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'archives.db'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, archive TEXT, atMs INTEGER, event TEXT);
    CREATE INDEX IF NOT EXISTS byTime ON event (archive, atMs);
    CREATE TABLE IF NOT EXISTS replay (name TEXT PRIMARY KEY, replay TEXT, lastMs INTEGER, endedAtMs INTEGER)`);
  const insert = database.prepare('INSERT INTO event (archive, atMs, event) VALUES (?, ?, ?)');
  const expire = database.prepare('DELETE FROM event WHERE archive = ? AND atMs < ?');
  const between = database.prepare(
    'SELECT atMs, event FROM event WHERE archive = ? AND atMs >= ? AND atMs < ? ORDER BY atMs / 60000, id',
  );
  const insertReplay = database.prepare('INSERT OR IGNORE INTO replay (name, replay) VALUES (?, ?)');
  const findReplay = database.prepare('SELECT * FROM replay WHERE name = ?');
  const endReplay = database.prepare('UPDATE replay SET lastMs = ?, endedAtMs = ? WHERE name = ?');
  const archives = new Map<string, ArchiveSettings>();

  const find = (name: string): ReplayRow => {
    const row = findReplay.get(name) as unknown as ReplayRow | undefined;
    if (row === undefined) throw new ServiceError('ResourceNotFoundException', `Replay ${name} does not exist.`);
    return row;
  };
  return {
    add: (archive) => archives.set(archive.arn, archive),
    has: (arn) => archives.has(arn),
    belongsTo: (arn, bus) => archives.get(arn)?.bus === bus,
    keep: (event, bus) => {
      for (const { arn, accepts, retentionMs, ...archive } of archives.values()) {
        if (archive.bus !== bus || !accepts(event)) continue;
        insert.run(arn, Date.parse(String(event.time)), JSON.stringify(event));
        if (retentionMs !== null) expire.run(arn, nowMs() - retentionMs);
      }
    },
    begin: (replay) => {
      if (insertReplay.run(replay.name, JSON.stringify(replay)).changes === 1) return;
      throw new ServiceError('ResourceAlreadyExistsException', `Replay ${replay.name} already exists.`);
    },
    run: (name, put) => {
      const replay = JSON.parse(find(name).replay) as Replay;
      let lastMs: number | null = null;
      for (const row of between.iterate(replay.archiveArn, replay.fromMs, replay.toMs)) {
        put({ ...(JSON.parse(String(row.event)) as Json), 'replay-name': name }, replay);
        lastMs = Number(row.atMs);
      }
      endReplay.run(lastMs, nowMs(), name);
    },
    describe: (name) => {
      const { replay: text, lastMs, endedAtMs } = find(name);
      const replay = JSON.parse(text) as Replay;
      return {
        ReplayName: name,
        State: endedAtMs === null ? 'RUNNING' : 'COMPLETED',
        EventSourceArn: replay.archiveArn,
        Destination: replay.destination,
        EventStartTime: replay.fromMs / 1000,
        EventEndTime: replay.toMs / 1000,
        ReplayStartTime: replay.startedAtMs / 1000,
        ...(lastMs !== null && { EventLastReplayedTime: lastMs / 1000 }),
        ...(endedAtMs !== null && { ReplayEndTime: endedAtMs / 1000 }),
      };
    },
    close: () => database.close(),
  };
}
