import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A file per function, written a few times a second, and the last lines at hand. */
export interface LogFiles {
  /** The group is what CloudWatch Logs knows a function's lines by. */
  write(name: string, line: string, group: string): void;
  /** The last lines of each file of a group, in the order of their writing. */
  recent(group: string): readonly LogLine[];
  flush(): void;
}

export interface LogLine {
  /** Counts all lines of this run. */
  readonly id: number;
  readonly atMs: number;
  readonly name: string;
  readonly line: string;
}

const linesKept = 200;
const flushMs = 200;
/** While the disk is full, the newest of each file wait. */
const maxWaitingLines = 10_000;

export function openLogFiles(folder: string, tell: (message: string) => void, nowMs = Date.now): LogFiles {
  mkdirSync(folder, { recursive: true });
  /** Group → file → lines. */
  const recent = new Map<string, Map<string, LogLine[]>>();
  let written = 0;
  const unwritten = new Map<string, string[]>();
  let timer: NodeJS.Timeout | undefined;
  let isFailing = false;
  const append = (): void => {
    for (const [name, lines] of unwritten) {
      appendFileSync(join(folder, `${name}.log`), `${lines.join('\n')}\n`);
      unwritten.delete(name);
    }
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    try {
      append();
      isFailing = false;
    } catch (error) {
      if (!isFailing) tell(`lines wait, they cannot be written: ${(error as Error).message}`);
      isFailing = true;
      for (const lines of unwritten.values()) lines.splice(0, lines.length - maxWaitingLines);
      // Where a folder is gone for good nothing would ever end it.
      timer = setTimeout(flush, flushMs).unref();
    }
  };
  return {
    write: (name, line, group) => {
      if (!recent.has(group)) recent.set(group, new Map());
      const lines = push(recent.get(group)!, name, { id: written++, atMs: nowMs(), name, line });
      if (lines.length > linesKept) lines.shift();
      push(unwritten, name, line);
      timer ??= setTimeout(flush, flushMs);
    },
    recent: (group) => [...(recent.get(group)?.values() ?? [])].flat().sort((a, b) => a.id - b.id),
    flush,
  };
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): T[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  list.push(item);
  return list;
}
