/** CloudWatch's embedded metric format: metrics inside log lines. Source: "Specification: Embedded metric format". */
import type { Metrics } from './metrics.ts';

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

/** Takes the metrics out of a log line, if it holds any. */
export function takeEmbeddedMetrics(line: string, metrics: Metrics): void {
  if (!line.startsWith('{') || !line.includes('"_aws"')) return;
  const document = parse(line);
  const directives = (document?._aws as { CloudWatchMetrics?: Directive[] } | undefined)?.CloudWatchMetrics ?? [];
  for (const directive of directives) takeDirective(directive, document!, metrics);
}

function takeDirective(directive: Directive, document: Record<string, unknown>, metrics: Metrics): void {
  for (const names of directive.Dimensions) {
    const dimensions = Object.fromEntries(names.map((name) => [name, String(document[name])]));
    for (const { Name } of directive.Metrics) {
      for (const value of [document[Name]].flat()) {
        if (typeof value === 'number') metrics.put(directive.Namespace, Name, dimensions, value);
      }
    }
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // A line that only looks like it is a log line.
    return undefined;
  }
}
