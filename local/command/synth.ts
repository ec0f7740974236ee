import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bringsPage, newestMs, pageSources } from './page.ts';

/** What every synthesis is made from. */
const sources = ['bin', 'lib', 'lambdas', 'core', 'stages', 'cdk.json', 'package.json'];

/** What the CDK's command line adds to the application's own context: with it the templates are the same, but for CDK's own statistics. */
const cliContext = {
  'aws:cdk:enable-path-metadata': true,
  'aws:cdk:enable-asset-metadata': true,
};

/** Synthesises the stage unless its assembly is there and newer than every source. */
export async function ensureAssembly(folder: string, stage: string, tell: (line: string) => void): Promise<void> {
  const reason = findReason(folder, stage);
  if (reason === null) return;
  tell(`synthesising stage ${stage}: ${reason}`);
  await runSynth(folder, stage);
}

function findReason(folder: string, stage: string): string | null {
  const manifest = join(folder, 'manifest.json');
  if (!existsSync(manifest)) return `there is nothing in ${folder}`;
  const artifacts = (JSON.parse(readFileSync(manifest, 'utf8')) as { artifacts: Record<string, unknown> }).artifacts;
  if (!Object.keys(artifacts).some((id) => id.includes(`-${stage}-`))) return `${folder} holds another stage`;
  const madeAtMs = statSync(manifest).mtimeMs;
  const newer = sourcesOf(folder).find((source) => existsSync(source) && newestMs(source) > madeAtMs);
  return newer === undefined ? null : `${newer} has changed`;
}

/** Anything newer in there makes an assembly anew. */
export const sourcesOf = (folder: string): readonly string[] =>
  bringsPage(folder) ? [...sources, ...pageSources] : sources;

/**
 * As the CDK's command line runs the application, without that command line: it would take a second of the start. The
 * rules of cdk-nag and CloudFormation are left to `npm test` and `npm run synth`, for they take five.
 */
async function runSynth(folder: string, stage: string): Promise<void> {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: object };
  const env = {
    ...process.env,
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...cliContext, stage }),
    CDK_VALIDATION: 'false',
    // esbuild's collector takes a third of the bundling and saves a sixth of its 650 MB.
    GOGC: 'off',
  };
  const child = spawn(process.execPath, ['bin/app.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  if (code !== 0) throw new Error(describeFailure(stage, Buffer.concat(output).toString()));
}

/** The application's own sentences. */
function describeFailure(stage: string, output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 1 ? lines[0]! : [`stage ${stage} cannot be synthesised:`, ...lines].join('\n');
}
