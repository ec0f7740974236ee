import { Kind, parse, type SelectionSetNode } from 'graphql';
import type { Selected } from '../../core/api/graph-cost.ts';

/** AppSync's `selectionSetGraphQL`: inline fragments stand in it as they were written, of named ones the name alone. */
export function readSelection(selectionSet: string): readonly Selected[] {
  if (selectionSet === '' || selectionSet === '{}') return [];
  const [operation] = parse(selectionSet, { noLocation: true }).definitions;
  return operation?.kind === Kind.OPERATION_DEFINITION ? readSet(operation.selectionSet) : [];
}

function readSet(set: SelectionSetNode | undefined): Selected[] {
  return (set?.selections ?? []).flatMap((one): Selected[] => {
    if (one.kind === Kind.INLINE_FRAGMENT) return readSet(one.selectionSet);
    if (one.kind === Kind.FRAGMENT_SPREAD) return [{ name: null, selected: [] }];
    return [{ name: one.name.value, selected: readSet(one.selectionSet) }];
  });
}
