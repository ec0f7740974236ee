import { cpSync, existsSync, globSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

/** A function's code, ready to become an asset. */
export interface Bundle {
  readonly folder: string;
  readonly bytes: number;
  /** The parts that weigh most, heaviest first. */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
}

/** Where the code of lambdas/<name> lies, bundled, and `page`, where the stage serves it. */
export type Bundles = ReadonlyMap<string, Bundle>;

export function folderOf(bundles: Bundles, name: string): string {
  const found = bundles.get(name);
  if (found === undefined) throw new Error(`lambdas/${name}: no bundle; there are ${[...bundles.keys()].join(', ')}`);
  return found.folder;
}

const projectFolder = join(import.meta.dirname, '..');
const lambdasFolder = join(projectFolder, 'lambdas');

/** The operator page as files for a web server. */
export async function bundlePage(outFolder: string): Promise<Bundle> {
  const { build: buildPage } = await import('vite');
  // vite takes a relative folder as one below the page's own.
  const folder = resolve(outFolder, 'page');
  const root = join(projectFolder, 'ui/operator');
  await buildPage({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder } });
  const bytes = globSync('**/*.*', { cwd: folder }).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  return { folder, bytes, parts: [] };
}

/**
 * Bundles every function that has a composition root, lambdas/<name>/index.ts: one ES module each. `.mjs` is a module
 * wherever it lies, so the asset runs unpacked inside a project as well as in Lambda. The SDK is bundled too: tree-shaken
 * clients start faster than the runtime's copy (100 ms against 118 ms to load the detection function, Node 24 on two
 * cores) and are the version that was tested. All go through one build, which reads what they share once.
 */
export async function bundleFunctions(outFolder: string): Promise<Bundles> {
  const names = readdirSync(lambdasFolder).filter((name) => existsSync(join(lambdasFolder, name, 'index.ts')));
  const { metafile } = await build({
    absWorkingDir: projectFolder,
    entryPoints: names.map((name) => ({ in: `lambdas/${name}/index.ts`, out: `${name}/index` })),
    outdir: outFolder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    // Names in a stack trace come back through the map; read only when something is thrown.
    sourcemap: 'linked',
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    // Some dependencies are CommonJS and ask for Node's own modules by require.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    plugins: [englishOnly, credentialsOfTheRole],
    metafile: true,
    logLevel: 'error',
  });
  return new Map(names.map((name) => [name, describeBundle(name, join(outFolder, name), metafile)]));
}

function describeBundle(name: string, folder: string, { outputs }: Metafile): Bundle {
  // Too large for a module and read only when a machine asks: beside it, as files.
  for (const [from, to] of companions[name] ?? [])
    cpSync(join(projectFolder, from), join(folder, to), { recursive: true });
  const output = Object.values(outputs).find(({ entryPoint }) => entryPoint === `lambdas/${name}/index.ts`);
  return { folder, bytes: output?.bytes ?? 0, parts: weigh(output?.inputs ?? {}) };
}

/** What a function reads at run time: from the project into its folder. */
const companions: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  detection: [['core/learning/models', 'models']],
};

/** zod carries its messages in some fifty languages, a third of a megabyte that no tree shaking removes. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/**
 * Lambda puts its role's credentials into the environment, the first place of the SDK's chain. The others (profiles, SSO,
 * web identity) are a tenth of a bundle, with clients of their own, and never reached.
 */
const credentialsOfTheRole: Plugin = {
  name: 'credentials-of-the-role',
  setup({ onLoad }) {
    onLoad({ filter: /credential-provider-node[\\/]dist-es[\\/]index\.js$/ }, () => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
    }));
  },
};

function weigh(inputs: Metafile['outputs'][string]['inputs']): Bundle['parts'] {
  const bytesOf = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.split('/')[0]!;
    bytesOf.set(name, (bytesOf.get(name) ?? 0) + bytesInOutput);
  }
  return [...bytesOf].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}

/** One line a function: its size and what weighs most in it. */
export function reportBundles(bundles: Bundles): string {
  const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1024)} KB`;
  return [...bundles]
    .map(([name, { bytes, parts }]) => {
      const heaviest = parts.slice(0, 4).map((part) => `${part.name} ${kilobytes(part.bytes)}`);
      return `bundle ${name}: ${kilobytes(bytes)}${heaviest.length === 0 ? '' : ` (${heaviest.join(', ')})`}`;
    })
    .join('\n');
}
