/** What one check found, in words for the person who is about to deploy. */
export interface Finding {
  readonly level: 'pass' | 'warn' | 'fail';
  readonly what: string;
  /** What to do about it. */
  readonly mend?: string;
}

export const pass = (what: string): Finding => ({ level: 'pass', what });
export const warn = (what: string, mend: string): Finding => ({ level: 'warn', what, mend });
export const fail = (what: string, mend: string): Finding => ({ level: 'fail', what, mend });

export interface Check {
  readonly name: string;
  run(): Promise<Finding>;
}

export const formatFinding = (name: string, { level, what, mend }: Finding): string =>
  `${level.padEnd(4)}  ${name}: ${what}${mend === undefined ? '' : `\n      → ${mend}`}`;
