import { plantProblems } from '../../core/machine-types/known.ts';
import type { Stage } from '../../lib/stage.ts';
import { describeWrongWords } from '../../simulator/command/wrong-words.ts';
import { OutputFolderError } from '../../simulator/sinks/output-folder.ts';
import { loadStage } from '../stage/load-stage.ts';

/** What the person at the keyboard can mend: one sentence, no stack trace. */
export class Refusal extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 2) {
    super(message);
    this.name = 'Refusal';
    this.exitCode = exitCode;
  }
}

/** Runs a command of the project: `--help`, exit codes, and errors as sentences that begin with its name. */
export async function runCommand(name: string, help: string, main: (args: string[]) => Promise<number>): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${help}\n`);
    return;
  }
  try {
    if (plantProblems.length > 0) throw new Refusal(plantProblems.join('\n'), 1);
    process.exitCode = await main(args);
  } catch (error) {
    for (const sentence of describeError(error).split('\n')) process.stderr.write(`${name}: ${sentence}\n`);
    process.exitCode = error instanceof Refusal ? error.exitCode : isWrongOption(error) ? 2 : 1;
  }
}

export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Refusal || error instanceof OutputFolderError) return error.message;
  if (isWrongOption(error)) return `${describeWrongWords(error)}; see --help`;
  if (error.name === 'CredentialsProviderError' || error.name === 'UnrecognizedClientException') {
    return `AWS credentials: none that work were found (${error.message}); set AWS_PROFILE or run "aws configure"`;
  }
  const code = (error as { code?: string }).code;
  if (code === 'ECONNREFUSED' && process.env.AWS_ENDPOINT_URL !== undefined) {
    return `nothing answers at ${process.env.AWS_ENDPOINT_URL}; start the laptop's cloud by npm start, or set AWS_ENDPOINT_URL`;
  }
  return `${error.name}${code === undefined ? '' : ` (${code})`}: ${error.message}`;
}

export const quote = (given: string | undefined): string => (given === undefined ? 'nothing' : `"${given}"`);

const isWrongOption = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

/** The stage of a command: a name that exists, its parameters in order. */
export function requireStage(name: string | undefined): Stage {
  const stage = loadStage(name);
  if (!stage.ok) throw new Refusal(stage.error.join('\n'));
  return stage.value;
}

/** Where a stage's AWS is: the account's own, or the laptop's endpoint. */
export function connectionFor(stage: Stage): { readonly region: string } {
  if (stage.laptop) {
    // As `npm start` prints them; they open nothing but the laptop's own cloud.
    process.env.AWS_ENDPOINT_URL ??= 'http://127.0.0.1:4566';
    process.env.AWS_ACCESS_KEY_ID ??= 'AKIALOCALOWNER000000';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'laptop';
  }
  return { region: stage.region };
}
