/** The AWS query protocol that SNS and STS speak: a form goes in, XML comes out. */
import type { Json } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import { escapeXml, type WireRequest, type WireResponse, xml } from './request.ts';

export function readQuery(request: WireRequest): { action: string; input: Json } {
  const form = new URLSearchParams(request.body.toString());
  const action = form.get('Action');
  if (action === null) {
    throw new ServiceError('MissingAction', `${request.method} ${request.path} names no operation modelled here`);
  }
  const input: Record<string, unknown> = {};
  for (const [key, value] of form) if (key !== 'Action' && key !== 'Version') setPath(input, key.split('.'), value);
  return { action, input: foldLists(input) as Json };
}

function setPath(target: Record<string, unknown>, path: readonly string[], value: string): void {
  let holder = target;
  for (const part of path.slice(0, -1)) {
    holder[part] ??= {};
    holder = holder[part] as Record<string, unknown>;
  }
  holder[path.at(-1)!] = value;
}

/** `X.member.1` is a list; `X.entry.1.Name/Value` a map. */
function foldLists(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const holder = value as Record<string, unknown>;
  const list = holder.member ?? holder.entry;
  if (list === undefined) {
    return Object.fromEntries(Object.entries(holder).map(([key, item]) => [key, foldLists(item)]));
  }
  const items = Object.values(list as object).map(foldLists) as Record<string, unknown>[];
  if (holder.member !== undefined) return items;
  return Object.fromEntries(items.map((item) => [String(item.Name ?? item.key), item.Value ?? item.value]));
}

export async function answerQuery(action: string, call: () => Promise<unknown>): Promise<WireResponse> {
  try {
    const result = toXml(await call());
    return xml(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const code = error.name.replace(/Exception$/, '');
    const body = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(error.message)}</Message></Error>`;
    return xml(`<ErrorResponse>${body}</ErrorResponse>`, error.statusCode);
  }
}

function toXml(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((item) => `<member>${toXml(item)}</member>`).join('');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([key, item]) => `<${key}>${toXml(item)}</${key}>`)
      .join('');
  }
  return escapeXml(String(value));
}
