export interface Part {
  readonly text: string;
  readonly isMachine: boolean;
}

/** A place's words with its machines to be linked where they stand; those that it does not name come after. */
export function linkMachines(where: string, machineIds: readonly string[]): Part[] {
  const unnamed = machineIds.filter((id) => !where.includes(id));
  const text = unnamed.length === 0 ? where : `${where}: ${unnamed.join(', ')}`;
  // The longest first: PUMP-1 stands in PUMP-12 too. An id holds no sign that means something to a pattern.
  const byLength = machineIds.toSorted((a, b) => b.length - a.length);
  const parts = text.split(new RegExp(`(${byLength.join('|')})`)).filter((part) => part !== '');
  return parts.map((part) => ({ text: part, isMachine: machineIds.includes(part) }));
}
