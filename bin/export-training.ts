import { exportHelp, parseExportArguments } from './train/export-arguments.ts';
import { exportTraining } from './train/export-training.ts';

/** Labelled samples of simulated machines, as a table that `train --from csv` reads. */
function main(args: string[]): number {
  const parsed = parseExportArguments(args);
  if (!parsed.ok) {
    process.stderr.write(`export-training: ${parsed.error}\n`);
    return 2;
  }
  if (parsed.value === 'help') {
    process.stdout.write(`${exportHelp}\n`);
    return 0;
  }
  const counts = exportTraining(parsed.value);
  process.stderr.write(`wrote ${parsed.value.file}: ${counts}\n`);
  return 0;
}

process.exitCode = main(process.argv.slice(2));
