export interface Part {
  readonly text: string;
  readonly isMachine: boolean;
}

/** A place's words with its machines to be linked where they stand; those that it does not name come after. */
export function linkMachines(where: string, machineIds: readonly string[]): Part[] {
  // PUMP-1 is not named by PUMP-12. An id holds no sign that means something to a pattern.
  const anyOfThem = new RegExp(`(?<![\\w:-])(${machineIds.join('|')})(?![\\w:-])`);
  const named = where.split(anyOfThem);
  const unnamed = machineIds.filter((id) => !named.includes(id));
  const text = unnamed.length === 0 ? where : `${where}: ${unnamed.join(', ')}`;
  const parts = text.split(anyOfThem).filter((part) => part !== '');
  return parts.map((part) => ({ text: part, isMachine: machineIds.includes(part) }));
}
