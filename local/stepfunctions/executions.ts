/** Executions on disk, and the branches and iterations below them: where each stands, so that a restarted laptop goes on. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A branch waits for its turn. */
export type Status = 'WAITING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Execution {
  readonly arn: string;
  readonly machineArn: string;
  readonly status: Status;
  readonly input: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  /** Steps taken: a delivery for another step came twice or too late. */
  readonly step: number;
  readonly state: string;
  readonly stateInput: string;
  /** Tries of the present state, as JSON. */
  readonly tries: string;
  /** Whom the present state waits for. */
  readonly token: string | null;
  /** When that one last gave a sign of life. */
  readonly beatAtMs: number | null;
  readonly enteredAtMs: number;
  readonly startedAtMs: number;
  readonly stoppedAtMs: number | null;
  /** Of a branch or an iteration: whose it is, which try of the parent's state, which of them. */
  readonly parent: string | null;
  readonly generation: string | null;
  readonly place: number | null;
  /** Where its states stand in the definition, as JSON: `[["Fan", 0]]`. */
  readonly scope: string;
  /** What `$$.Map` is, as JSON. */
  readonly item: string | null;
}

export interface Executions {
  /** False where one of that name is there. */
  add(execution: Execution): boolean;
  put(execution: Execution): void;
  find(arn: string): Execution | undefined;
  findByToken(token: string): Execution | undefined;
  /** The machine's own, without branches; the latest first. */
  list(machineArn: string): readonly Execution[];
  /** In their places. */
  listBelow(parent: string, generation: string): readonly Execution[];
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
  'tries',
  'beatAtMs',
  'enteredAtMs',
  'parent',
  'generation',
  'place',
  'scope',
  'item',
] as const satisfies readonly (keyof Execution)[];

export function openExecutions(folder: string): Executions {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'executions.db'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS execution (${columns.join(', ')}, PRIMARY KEY (arn))`);
  addColumns(database);
  database.exec(`CREATE INDEX IF NOT EXISTS byToken ON execution (token);
    CREATE INDEX IF NOT EXISTS byParent ON execution (parent, generation)`);
  const places = columns.map((name) => `:${name}`).join(', ');
  const insert = database.prepare(`INSERT OR IGNORE INTO execution (${columns.join(', ')}) VALUES (${places})`);
  const replace = database.prepare(`INSERT OR REPLACE INTO execution (${columns.join(', ')}) VALUES (${places})`);
  const byArn = database.prepare('SELECT * FROM execution WHERE arn = ?');
  const byToken = database.prepare('SELECT * FROM execution WHERE token = ?');
  const byMachine = database.prepare(
    'SELECT * FROM execution WHERE machineArn = ? AND parent IS NULL ORDER BY startedAtMs DESC',
  );
  const below = database.prepare('SELECT * FROM execution WHERE parent = ? AND generation = ? ORDER BY place');
  const bind = (execution: Execution) => Object.fromEntries(columns.map((name) => [name, execution[name]]));
  return {
    add: (execution) => insert.run(bind(execution)).changes === 1,
    put: (execution) => replace.run(bind(execution)),
    find: (arn) => byArn.get(arn) as Execution | undefined,
    findByToken: (token) => byToken.get(token) as Execution | undefined,
    list: (machineArn) => byMachine.all(machineArn) as unknown as Execution[],
    listBelow: (parent, generation) => below.all(parent, generation) as unknown as Execution[],
    close: () => database.close(),
  };
}

/** Executions of an earlier version go on. */
function addColumns(database: DatabaseSync): void {
  const known = database.prepare('PRAGMA table_info(execution)').all() as unknown as { readonly name: string }[];
  const defaults: Readonly<Record<string, string>> = { tries: "'{}'", scope: "'[]'", enteredAtMs: '0' };
  for (const name of columns.filter((column) => !known.some((one) => one.name === column)))
    database.exec(`ALTER TABLE execution ADD COLUMN ${name} DEFAULT ${defaults[name] ?? 'NULL'}`);
}
