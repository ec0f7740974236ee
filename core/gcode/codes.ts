/**
 * The codes this machine knows and the modal groups they belong to. Two codes of one group in one block contradict each
 * other. Numbering and groups follow RS274/NGC (NIST IR 6556, tables 4 and 6) where it agrees with Fanuc-style milling
 * controls, and those controls where it does not (G73, G94/G95, G96/G97, M98/M99).
 */
export const gCodeGroups: Readonly<Record<string, readonly number[]>> = {
  'non-modal': [4, 28, 30, 53, 92],
  motion: [0, 1, 2, 3, 73, 81, 82, 83, 84, 85, 86, 87, 88, 89],
  'cycle cancel': [80],
  plane: [17, 18, 19],
  units: [20, 21],
  'cutter compensation': [40, 41, 42],
  'tool length': [43, 49],
  'work offset': [54, 55, 56, 57, 58, 59],
  distance: [90, 91],
  'feed mode': [93, 94, 95],
  'spindle mode': [96, 97],
  'cycle return': [98, 99],
};

export const mCodeGroups: Readonly<Record<string, readonly number[]>> = {
  'program flow': [0, 1, 2, 30, 98, 99],
  spindle: [3, 4, 5, 19],
  'tool change': [6],
  coolant: [7, 8, 9],
};

const indexGroups = (groups: Readonly<Record<string, readonly number[]>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(groups).flatMap(([group, codes]) => codes.map((code) => [code, group] as const)));

export const groupOfG = indexGroups(gCodeGroups);
export const groupOfM = indexGroups(mCodeGroups);

const listCodes = (letter: string, groups: ReadonlyMap<number, string>): string =>
  [...groups.keys()]
    .sort((a, b) => a - b)
    .map((code) => `${letter}${code}`)
    .join(' ');

export const knownGCodes = listCodes('G', groupOfG);
export const knownMCodes = listCodes('M', groupOfM);

/** Canned cycles: they use X Y Z R and stay in force until G80 or a move of the same group. */
export const isCycle = (code: number): boolean => code === 73 || (code >= 81 && code <= 89);

/** Codes that use the axis words of their block for something else than a move; `G0` or `G1` beside them only sets the mode. */
export const takesAxisWords = (code: number): boolean => code === 4 || code === 28 || code === 30 || code === 92;
