import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A file per function, written a few times a second, and the last lines at hand. */
export interface LogFiles {
  write(name: string, line: string): void;
  tail(name: string): readonly string[];
  flush(): void;
}

const linesKept = 200;
const flushMs = 200;
/** While the disk is full, the newest of each file wait. */
const maxWaitingLines = 10_000;

export function openLogFiles(folder: string, tell: (message: string) => void): LogFiles {
  mkdirSync(folder, { recursive: true });
  const recent = new Map<string, string[]>();
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
    write: (name, line) => {
      push(recent, name, line).splice(0, recent.get(name)!.length - linesKept);
      push(unwritten, name, line);
      timer ??= setTimeout(flush, flushMs);
    },
    tail: (name) => recent.get(name) ?? [],
    flush,
  };
}

function push(lists: Map<string, string[]>, name: string, line: string): string[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  list.push(line);
  return list;
}
