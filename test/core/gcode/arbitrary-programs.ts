import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';

/** Set GCODE_FUZZ_RUNS=100000 for the long run. */
export const fuzzRuns = Number(process.env.GCODE_FUZZ_RUNS ?? 3000);

const fixtures = new URL('../../fixtures/gcode/', import.meta.url);
const validPrograms = readdirSync(fixtures).map((name) => readFileSync(new URL(name, fixtures), 'utf8'));

const codes = [
  'G0',
  'G1',
  'G2',
  'G3',
  'G4',
  'G17',
  'G18',
  'G19',
  'G20',
  'G21',
  'G28',
  'G30',
  'G40',
  'G41',
  'G42',
  'G43',
  'G49',
  'G53',
  'G54',
  'G59',
  'G73',
  'G80',
  'G81',
  'G82',
  'G83',
  'G84',
  'G85',
  'G86',
  'G87',
  'G88',
  'G89',
  'G90',
  'G91',
  'G92',
  'G93',
  'G94',
  'G95',
  'G96',
  'G97',
  'G98',
  'G99',
  'M0',
  'M1',
  'M2',
  'M3',
  'M4',
  'M5',
  'M6',
  'M7',
  'M8',
  'M9',
  'M19',
  'M30',
  'M98',
  'M99',
  'T1',
  'T2',
  'H1',
  'H2',
  'D1',
  'D2',
  'S500',
  'F300',
  'F0.2',
  'P1',
  'P2',
  'P100',
  'P30002',
  'L3',
  'K2',
  'R2',
  'R-9',
  'Q1',
  'Q.5',
  'Z-5',
  'Z2',
  'R1',
];
const letter = fc.constantFrom(...'ABDEFGHIJKLMNOPQRSTXYZ');
const number = fc.oneof(
  fc.integer({ min: -60, max: 60 }).map(String),
  fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => value.toFixed(3)),
  fc.constantFrom('', '-', '.', '1.', '.5', '+3', '1..2', '#5', '[1]', '0', '99999999', '1e5', '0.0000001'),
);
const word = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...codes) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom(...'IJKRXYZFQ'), fc.integer({ min: -30, max: 30 })).map(([l, v]) => `${l}${v}`),
  },
  { weight: 1, arbitrary: fc.tuple(letter, number).map(([l, v]) => `${l}${v}`) },
  { weight: 1, arbitrary: fc.constantFrom('(x)', '(', ')', ';', '/', '%', 'O1', 'O2', ' ', '\t', '\u00e9') },
);
const line = fc.array(word, { maxLength: 7 }).map((words) => words.join(''));
const soup = fc.array(line, { maxLength: 25 }).map((lines) => `O1\n${lines.join('\n')}\n`);

const mutation = fc.record({
  at: fc.nat(),
  cut: fc.nat({ max: 6 }),
  insert: fc.oneof(word, fc.string({ maxLength: 4 })),
});
const mutated = fc
  .tuple(fc.constantFrom(...validPrograms), fc.array(mutation, { minLength: 1, maxLength: 5 }))
  .map(([text, mutations]) =>
    mutations.reduce((current, { at, cut, insert }) => {
      const place = at % (current.length + 1);
      return current.slice(0, place) + insert + current.slice(place + cut);
    }, text),
  );

const garbage = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((bytes) => String.fromCharCode(...bytes)),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

/** Words in any order, good programs with a few characters changed, and bytes of any kind. */
export const arbitraryProgram: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: soup },
  { weight: 4, arbitrary: mutated },
  { weight: 1, arbitrary: garbage },
);
