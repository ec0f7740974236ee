import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from './command/run-command.ts';
import { parseTrainArguments, type TrainOptions, trainHelp } from './train/arguments.ts';
import { fetchArchive, isS3 } from './train/fetch-archive.ts';
import { TrainingDataError } from './train/read-labelled.ts';
import { runTraining } from './train/run-training.ts';
import { runLifeTraining } from './train/train-lives.ts';

const exitCodes = { promoted: 0, refused: 1, wrongInput: 2 } as const;

async function main(args: string[]): Promise<number> {
  const parsed = parseTrainArguments(args);
  if (!parsed.ok) {
    process.stderr.write(`train: ${parsed.error}\n`);
    return exitCodes.wrongInput;
  }
  if (parsed.value === 'help') {
    process.stdout.write(`${trainHelp}\n`);
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), 'archive-'));
  try {
    return await train(parsed.value, folder);
  } catch (error) {
    process.stderr.write(`train: ${error instanceof TrainingDataError ? error.message : describeError(error)}\n`);
    return exitCodes.wrongInput;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function train(asked: TrainOptions, folder: string): Promise<number> {
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const { dataPath } = asked;
  const isFar = dataPath !== null && isS3(dataPath);
  const options = isFar ? { ...asked, dataPath: await fetchArchive(dataPath, folder, tell) } : asked;
  const report = options.model === 'lives' ? runLifeTraining(options, tell) : runTraining(options, tell);
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${report.verdict}\n`);
  return report.promoted ? exitCodes.promoted : exitCodes.refused;
}

process.exitCode = await main(process.argv.slice(2));
