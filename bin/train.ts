import { parseTrainArguments, trainHelp } from './train/arguments.ts';
import { TrainingDataError } from './train/read-labelled.ts';
import { runTraining } from './train/run-training.ts';
import { runLifeTraining } from './train/train-lives.ts';

const exitCodes = { promoted: 0, refused: 1, wrongInput: 2 } as const;

function main(args: string[]): number {
  const parsed = parseTrainArguments(args);
  if (!parsed.ok) {
    process.stderr.write(`train: ${parsed.error}\n`);
    return exitCodes.wrongInput;
  }
  if (parsed.value === 'help') {
    process.stdout.write(`${trainHelp}\n`);
    return 0;
  }
  const options = parsed.value;
  try {
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    const report = options.model === 'lives' ? runLifeTraining(options, tell) : runTraining(options, tell);
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${report.verdict}\n`);
    return report.promoted ? exitCodes.promoted : exitCodes.refused;
  } catch (error) {
    if (!(error instanceof TrainingDataError)) throw error;
    process.stderr.write(`train: ${error.message}\n`);
    return exitCodes.wrongInput;
  }
}

process.exitCode = main(process.argv.slice(2));
