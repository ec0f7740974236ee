import { failure, type Result, success } from '../../../core/result.ts';
import { compileExpression, compileProjection, type Scope } from './compile.ts';
import { toBoolean, toText } from './conversion.ts';
import { SqlProblem } from './lexer.ts';
import type { RuleMessage } from './message.ts';
import { parseExpression, parseStatement } from './parser.ts';
import type { Select } from './syntax.ts';

export type { RuleMessage } from './message.ts';

/** A topic rule's SQL, ready to be asked for every message. */
export interface RuleStatement {
  readonly topicFilter: string;
  /** The bytes its actions get, or null where WHERE does not hold. */
  apply(message: RuleMessage): Uint8Array | null;
}

/** Compiles a rule; the error is one sentence that names the column. */
export function compileRuleStatement(sql: string): Result<RuleStatement, string> {
  return attempt(() => {
    const select = parseStatement(sql);
    if (typeof select.from !== 'string') throw new SqlProblem("a rule reads FROM 'a/topic/filter'");
    return { topicFilter: select.from, apply: compileApply(select) };
  });
}

/** Compiles a text with `${…}` parts, as action fields hold them. */
export function compileTemplate(template: string): Result<(message: RuleMessage) => string, string> {
  return attempt(() => {
    const parts = template.split(/\$\{([^}]*)\}/).map((part, i) => {
      if (i % 2 === 0) return () => part;
      const evaluate = compileExpression(parseExpression(part));
      return (message: RuleMessage) => toText(evaluate(openScope(message)));
    });
    return (message: RuleMessage) => parts.map((part) => part(message)).join('');
  });
}

function compileApply(select: Select): RuleStatement['apply'] {
  const where = select.where === null ? null : compileExpression(select.where);
  const isWhole = select.items.length === 1 && select.items[0]?.expression === 'star' && select.items[0].alias === null;
  const project = compileProjection(select);
  return (message) => {
    if (isWhole && where === null) return message.payload;
    const scope = openScope(message);
    if (where !== null && toBoolean(where(scope)) !== true) return null;
    return isWhole ? message.payload : Buffer.from(JSON.stringify(project(scope)));
  };
}

/** The payload is parsed when something first looks into it: `${topic(2)}` never does. */
function openScope(message: RuleMessage): Scope {
  let parsed: { readonly value: unknown } | undefined;
  return {
    message,
    get root() {
      parsed ??= { value: parseJson(message.payload) };
      return parsed.value;
    },
  };
}

/** A payload that is no JSON has no members: every path into it is Undefined. */
function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
  } catch {
    return undefined;
  }
}

function attempt<T>(make: () => T): Result<T, string> {
  try {
    return success(make());
  } catch (error) {
    if (error instanceof SqlProblem) return failure(error.message);
    throw error;
  }
}
