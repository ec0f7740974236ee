/**
 * Branches of a Parallel and iterations of a Map: each is an execution below its parent's, of the same machine, with a
 * part of the definition of its own. Source: states-language.net/spec.html, "Parallel State" and "Map State": results
 * in the order of branches and items, the first error ends the others.
 */
import { fillTemplate, readPath } from './data-flow.ts';
import type { MapState, ParallelState, State, StateMachine } from './definition.ts';
import type { Execution, Executions } from './executions.ts';
import type { Tries } from './mending.ts';
import { StatesError } from './states-error.ts';

type BranchingState = ParallelState | MapState;
type Fields = Readonly<Record<string, unknown>>;
type Scope = readonly (readonly [state: string, branch: number])[];

export const hasBranches = (state: State): state is BranchingState => state.Type === 'Parallel' || state.Type === 'Map';

export interface BranchesParts {
  readonly executions: Executions;
  readonly nowMs: () => number;
  readonly begin: (execution: Execution) => void;
}

export interface Entry {
  readonly execution: Execution;
  readonly state: BranchingState;
  readonly input: unknown;
  readonly context: Fields;
}

export type Gathered = { readonly results: readonly unknown[] } | { readonly error: StatesError };

export interface Branches {
  /** The states among which this execution moves. */
  findScope(definition: StateMachine | undefined, execution: Execution): StateMachine | undefined;
  enter(entry: Entry): void;
  /** Lets the next iterations begin; null while some are under way. */
  gather(execution: Execution, state: BranchingState): Gathered | null;
  /** Ends what is under way below. */
  abort(execution: Execution): void;
}

interface Child {
  readonly startAt: string;
  readonly input: unknown;
  /** What `$$.Map` is in there. */
  readonly map: Fields | null;
}

export function createBranches({ executions, nowMs, begin }: BranchesParts): Branches {
  const listOf = (parent: Execution): readonly Execution[] => executions.listBelow(parent.arn, generationOf(parent));
  const toExecution = (parent: Execution, { startAt, input, map }: Child, place: number): Execution => ({
    ...parent,
    arn: `${parent.arn}/${generationOf(parent)}.${place}`,
    status: 'WAITING',
    step: 1,
    state: startAt,
    stateInput: JSON.stringify(input),
    tries: '{}',
    enteredAtMs: nowMs(),
    parent: parent.arn,
    generation: generationOf(parent),
    place,
    scope: JSON.stringify([...(JSON.parse(parent.scope) as Scope), [parent.state, place]]),
    item: map === null ? parent.item : JSON.stringify(map),
  });
  const abort = (parent: Execution): void => {
    for (const child of listOf(parent).filter(({ status }) => status === 'RUNNING' || status === 'WAITING')) {
      abort(child);
      executions.put({ ...child, status: 'ABORTED', token: null, stoppedAtMs: nowMs() });
    }
  };
  return {
    findScope,
    enter: ({ execution, ...entry }) => {
      // After a kill in here some are there already.
      listChildren(entry).forEach((child, place) => {
        executions.add(toExecution(execution, child, place));
      });
    },
    gather: (execution, state) => {
      const children = listOf(execution);
      const failed = children.find(({ status }) => status === 'FAILED');
      if (failed !== undefined) return { error: new StatesError(failed.error ?? '', failed.cause ?? '') };
      const running = children.filter(({ status }) => status === 'RUNNING').length;
      const waiting = children.filter(({ status }) => status === 'WAITING');
      const most = state.Type === 'Map' && state.MaxConcurrency > 0 ? state.MaxConcurrency : children.length;
      for (const child of waiting.slice(0, most - running)) {
        const begun: Execution = { ...child, status: 'RUNNING', enteredAtMs: nowMs() };
        begin(begun);
        executions.put(begun);
      }
      if (running + waiting.length > 0) return null;
      return { results: children.map(({ output }) => JSON.parse(output ?? 'null') as unknown) };
    },
    abort,
  };
}

/** A state that is tried again has new branches. */
const generationOf = ({ step, tries }: Execution): string =>
  `${step}.${Object.values(JSON.parse(tries) as Tries).reduce((sum, count) => sum + count, 0)}`;

function findScope(definition: StateMachine | undefined, { scope }: Execution): StateMachine | undefined {
  let machine = definition;
  for (const [name, branch] of JSON.parse(scope) as Scope) {
    const state = machine?.States[name];
    if (state?.Type === 'Parallel') machine = state.Branches[branch];
    else machine = state?.Type === 'Map' ? state.ItemProcessor : undefined;
  }
  return machine;
}

function listChildren({ state, input, context }: Omit<Entry, 'execution'>): Child[] {
  if (state.Type === 'Parallel') {
    const given = state.Parameters === undefined ? input : fillTemplate(state.Parameters, input, context);
    return state.Branches.map(({ StartAt }) => ({ startAt: StartAt, input: given, map: null }));
  }
  const items = readPath(state.ItemsPath, input, context);
  if (!Array.isArray(items)) throw new StatesError('States.Runtime', `${state.ItemsPath} is no list`);
  return items.map((Value: unknown, Index) => {
    const map = { Item: { Index, Value } };
    const { ItemSelector, ItemProcessor } = state;
    const given = ItemSelector === undefined ? Value : fillTemplate(ItemSelector, input, { ...context, Map: map });
    return { startAt: ItemProcessor.StartAt, input: given, map };
  });
}
