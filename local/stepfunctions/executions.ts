/** Executions on disk: where each stands, so that a restarted laptop goes on with it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Execution {
  readonly arn: string;
  readonly machineArn: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  readonly input: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  /** Steps taken: a delivery for another step came twice or too late. */
  readonly step: number;
  readonly state: string;
  readonly stateInput: string;
  /** Whom the present state waits for. */
  readonly token: string | null;
  readonly startedAtMs: number;
  readonly stoppedAtMs: number | null;
}

export interface Executions {
  /** False where one of that name is there. */
  add(execution: Execution): boolean;
  put(execution: Execution): void;
  find(arn: string): Execution | undefined;
  findByToken(token: string): Execution | undefined;
  list(machineArn: string): readonly Execution[];
  close(): void;
}

const columns = [
  'arn',
  'machineArn',
  'status',
  'input',
  'output',
  'error',
  'cause',
  'step',
  'state',
  'stateInput',
  'token',
  'startedAtMs',
  'stoppedAtMs',
] as const;

export function openExecutions(folder: string): Executions {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'executions.db'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS execution (${columns.join(', ')}, PRIMARY KEY (arn));
    CREATE INDEX IF NOT EXISTS byToken ON execution (token)`);
  const places = columns.map((name) => `:${name}`).join(', ');
  const insert = database.prepare(`INSERT OR IGNORE INTO execution VALUES (${places})`);
  const replace = database.prepare(`INSERT OR REPLACE INTO execution VALUES (${places})`);
  const byArn = database.prepare('SELECT * FROM execution WHERE arn = ?');
  const byToken = database.prepare('SELECT * FROM execution WHERE token = ?');
  const byMachine = database.prepare('SELECT * FROM execution WHERE machineArn = ? ORDER BY startedAtMs DESC');
  const bind = (execution: Execution) => Object.fromEntries(columns.map((name) => [name, execution[name]]));
  return {
    add: (execution) => insert.run(bind(execution)).changes === 1,
    put: (execution) => replace.run(bind(execution)),
    find: (arn) => byArn.get(arn) as Execution | undefined,
    findByToken: (token) => byToken.get(token) as Execution | undefined,
    list: (machineArn) => byMachine.all(machineArn) as unknown as Execution[],
    close: () => database.close(),
  };
}
