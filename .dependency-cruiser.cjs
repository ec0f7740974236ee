/** Which way imports run. Each rule carries its reason; `npm run check` enforces them. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle means two files are one thing, or one of them knows too much.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-is-pure',
      comment:
        'The shop floor runs in a Lambda, a browser and a bench alike: it may use its own files and the schema library.',
      severity: 'error',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', '^node_modules/zod/'] },
    },
    {
      name: 'handlers-know-only-core',
      comment:
        'A handler is a factory over ports; the composition root beside it chooses the AWS side. What HTTP handlers have in common is lambdas/http.',
      severity: 'error',
      from: { path: '^lambdas/([^/]+)/handler\\.ts$' },
      to: { path: '.', pathNot: ['^core/', '^lambdas/$1/(?!index\\.ts$)', '^lambdas/(ports|http)/'] },
    },
    {
      name: 'lambdas-do-not-know-infrastructure',
      comment: 'Run-time code that imports CDK drags the whole library into a bundle.',
      severity: 'error',
      from: { path: '^lambdas/' },
      to: { path: ['^lib/', '^bin/', '^local/', '^simulator/', '^bench/', '^test/', '^node_modules/aws-cdk-lib/'] },
    },
    {
      name: 'infrastructure-knows-names-not-handlers',
      comment: 'CDK needs environment schemas, names and units; handler code enters by its entry path only.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: ['^lambdas/(?!.*env\\.ts$)', '^simulator/', '^local/', '^bench/', '^test/'] },
    },
    {
      name: 'types-of-the-plant-count-everywhere',
      comment:
        'What runs for a plant knows its own machine types too (known.ts); the built-in ones alone would turn them away.',
      severity: 'error',
      from: { path: '^(bin|lib|lambdas)/' },
      to: { path: '^core/machine-types/builtin\\.ts$' },
    },
    {
      name: 'simulator-does-not-know-the-detector',
      comment: 'A detector judged on data from its own model proves nothing.',
      severity: 'error',
      from: { path: '^simulator/' },
      to: {
        path: ['^core/', '^lambdas/', '^lib/', '^local/', '^bench/', '^test/'],
        pathNot: ['^core/(telemetry|gcode|random|machine-types)/', '^core/(result|allowed).ts$'],
      },
    },
    {
      name: 'laptop-runs-the-template',
      comment: 'The laptop cloud runs what was synthesised and bundled; reading sources would hide a wrong wiring.',
      severity: 'error',
      from: { path: '^local/' },
      to: { path: ['^lib/', '^bin/', '^lambdas/', '^bench/', '^test/'] },
    },
    {
      name: 'page-knows-core',
      comment: 'The operator page shares types, names and units with the core and nothing else.',
      severity: 'error',
      from: { path: '^ui/' },
      to: { path: ['^lambdas/', '^lib/', '^local/', '^simulator/', '^bench/', '^test/'] },
    },
    {
      name: 'nothing-imports-tests-or-benches',
      comment: 'Tests and benches may import anything and are imported by nothing.',
      severity: 'error',
      from: { pathNot: ['^test/', '^bench/'] },
      to: { path: ['^test/', '^bench/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)cdk\\.out/', '(^|/)dist/'] },
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
