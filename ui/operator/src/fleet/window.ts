/** Which rows of a long list of tiles are near enough to be seen to be worth having. */
export interface ListWindow {
  readonly firstRow: number;
  /** One after the last. */
  readonly endRow: number;
  readonly rows: number;
}

interface Place {
  readonly count: number;
  readonly columns: number;
  readonly rowPx: number;
  /** Of the list's upper edge below that of the view: negative once it is scrolled past. */
  readonly topPx: number;
  readonly viewPx: number;
}

/** Beyond each edge, so that the keyboard finds the next tile there before it is seen. */
const spareRows = 3;

export function windowOf({ count, columns, rowPx, topPx, viewPx }: Place): ListWindow {
  const rows = Math.ceil(count / columns);
  const clamp = (row: number): number => Math.min(rows, Math.max(0, row));
  return {
    firstRow: clamp(Math.floor(-topPx / rowPx) - spareRows),
    endRow: clamp(Math.ceil((viewPx - topPx) / rowPx) + spareRows),
    rows,
  };
}

export const columnsOf = (widthPx: number, leastPx: number, gapPx: number): number =>
  Math.max(1, Math.floor((widthPx + gapPx) / (leastPx + gapPx)));
