import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { buildSync } from 'esbuild';
import type { Stage } from '../stage.ts';
import { removalPolicyOf } from './stage-defaults.ts';

export interface NodeFunctionProps {
  readonly stage: Stage;
  /** The folder under lambdas/ whose index.ts is the composition root. */
  readonly name: string;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutS: number;
}

/** A function of lambdas/<name>: bundled, arm64, with a role and a log group of its own. */
export class NodeFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.stage.retention.logDays,
      removalPolicy: removalPolicyOf(props.stage),
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(bundle(props.name)),
      role: this.role.withoutPolicyUpdates(),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutS),
      environment: { ...props.environment, NODE_OPTIONS: '--enable-source-maps' },
    });
  }
}

const projectFolder = join(import.meta.dirname, '../..');

/**
 * One ES module per function. `.mjs` is a module wherever it lies, so the asset runs unpacked inside a project as well
 * as in Lambda. Everything is bundled, the SDK too: the tree-shaken clients start faster than the runtime's own copy.
 */
function bundle(name: string): string {
  const outFolder = join(projectFolder, 'node_modules/.cache/factory-twin', name);
  mkdirSync(outFolder, { recursive: true });
  buildSync({
    absWorkingDir: projectFolder,
    entryPoints: [`lambdas/${name}/index.ts`],
    outfile: join(outFolder, 'index.mjs'),
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    // Some dependencies are CommonJS and ask for Node's own modules by require.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return outFolder;
}
