import { parseArgs } from 'node:util';
import { failure, type Result, success } from '../../core/result.ts';
import { describeWrongWords } from '../../simulator/command/wrong-words.ts';

export interface DetectArguments {
  readonly machineType: string | undefined;
  readonly configPath: string | undefined;
  readonly json: boolean;
  readonly summaryOnly: boolean;
  readonly all: boolean;
  readonly help: boolean;
}

export const helpText = `Runs the whole chain of detection, diagnosis and advice over recorded telemetry.

npm run -s detect -- [options] < recording

The recording: one sample or {"samples":[…]} a line, as the simulators print it and the archive keeps it; JSON over
several lines or a list of samples; CSV under a header of dotted paths ("spindle.rpm"); or gzip of any. Machines of
several types may stand in one file. When a sample arrived is not recorded: what is stale, or ahead of the clock, is
told by the running system only.

--machine-type T   type of samples that name none (else the type whose fields they have)
--config FILE      JSON with a machine type of the plant, or a list of them
--json             one JSON object a sample: sequence, codes, severity, health, decision, causes, evidence …
--summary          only the summary at the end; with --json as one object
--all              every sample in the readable report, not only those where something changed
--help             this text

In the report a code's evidence ends in [detector score]: 1 is that detector's own limit, 2 is twice as far. Codes that
warm up have not seen enough of the machine yet; all others already speak.

Exit code: 0 all read, 1 no sample in the input, or some lines were refused (told on stderr with line and reason, the first 50),
2 the command was not understood.
`;

export function parseDetectArguments(args: readonly string[]): Result<DetectArguments, string> {
  try {
    const { values } = parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        'machine-type': { type: 'string' },
        config: { type: 'string' },
        json: { type: 'boolean', default: false },
        summary: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return success({
      machineType: values['machine-type'],
      configPath: values.config,
      json: values.json,
      summaryOnly: values.summary,
      all: values.all,
      help: values.help,
    });
  } catch (error) {
    return failure(`${describeWrongWords(error as Error)}; see --help`);
  }
}
