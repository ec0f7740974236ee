/**
 * What a rule hands to a target: the event, a part of it, a constant, or a text made from parts of it. Source:
 * EventBridge user guide, "Input transformation": a placeholder inside quotes is put in as text, one outside as JSON.
 */
import type { Json } from '../engine.ts';

export interface TargetInput {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputTemplate: string;
    readonly InputPathsMap?: Readonly<Record<string, string>>;
  };
}

export interface RuleIdentity {
  readonly arn: string;
  readonly name: string;
  readonly nowMs: number;
}

const ofRule = ['aws.events.rule-arn', 'aws.events.rule-name', 'aws.events.event.ingestion-time'];
const ofEvent = ['aws.events.event', 'aws.events.event.json'];
const placeholder = /<([\w.-]+)>/g;

/** Throws an Error with one sentence on what could never be filled. */
export function checkTargetInput({ Input, InputPath, InputTransformer }: TargetInput): void {
  if (Input !== undefined && !isJson(Input)) throw new Error(`Input: got ${Input}, allowed is JSON`);
  const { InputTemplate = '', InputPathsMap = {} } = InputTransformer ?? {};
  for (const path of [InputPath ?? '$', ...Object.values(InputPathsMap)]) {
    if (!/^\$(\.[\w/-]+|\[\d+\])*$/.test(path))
      throw new Error(`InputPath: got "${path}", modelled are $, $.field.field and $.list[0]`);
  }
  const known = new Set([...Object.keys(InputPathsMap), ...ofRule, ...ofEvent]);
  for (const [, name = ''] of InputTemplate.matchAll(placeholder)) {
    if (!known.has(name)) throw new Error(`InputTemplate: <${name}> is not in InputPathsMap`);
  }
}

export function makeTargetInput(target: TargetInput, event: Json, rule: RuleIdentity): unknown {
  if (target.Input !== undefined) return JSON.parse(target.Input);
  if (target.InputPath !== undefined) return readJsonPath(event, target.InputPath);
  if (target.InputTransformer === undefined) return event;
  const { InputTemplate, InputPathsMap = {} } = target.InputTransformer;
  const { detail: _, ...withoutDetail } = event;
  const values: Record<string, unknown> = {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': new Date(rule.nowMs).toISOString(),
    'aws.events.event': withoutDetail,
    'aws.events.event.json': event,
  };
  for (const [name, path] of Object.entries(InputPathsMap)) values[name] = readJsonPath(event, path);
  return JSON.parse(fillTemplate(InputTemplate, values));
}

/** A template that is not JSON once filled is a text, as a JSON string. */
function fillTemplate(template: string, values: Readonly<Record<string, unknown>>): string {
  const filled = template.replace(placeholder, (whole, name: string, offset: number) => {
    if (!(name in values)) return whole;
    const value = values[name];
    if (!isInsideQuotes(template, offset)) return JSON.stringify(value ?? '');
    const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
    return JSON.stringify(text).slice(1, -1);
  });
  return isJson(filled) ? filled : JSON.stringify(filled);
}

function isInsideQuotes(template: string, offset: number): boolean {
  let inside = false;
  for (let i = 0; i < offset; i++) {
    if (template[i] === '\\') i += 1;
    else if (template[i] === '"') inside = !inside;
  }
  return inside;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That is the question.
    return false;
  }
}

/** `$`, `$.detail.machineId`, `$.resources[0]`. */
export function readJsonPath(value: unknown, path: string): unknown {
  const parts = path
    .replace(/^\$\.?/, '')
    .split(/[.[\]]+/)
    .filter((part) => part !== '');
  let found = value;
  for (const part of parts) found = (found as Record<string, unknown> | null | undefined)?.[part];
  return found ?? null;
}
