import { z } from 'zod';
import { evidenceSchema } from '../detection/evidence-schema.ts';
import { decisions, severities } from '../detection/observation.ts';
import { failure, type Result, success } from '../result.ts';

/** What alerting reads of an anomaly event: detection writes more, and may come to write more still. */
const severity = z.enum(severities);

const detector = z.object({ name: z.string(), version: z.number() });

const finding = z.object({
  code: z.string(),
  component: z.string().nullable(),
  severity,
  detector: detector.optional(),
  evidence: z.array(evidenceSchema),
});

const hours = z.object({ p10: z.number(), p50: z.number(), p90: z.number() }).nullable();

const componentLife = z.object({
  component: z.string(),
  /** Absent in what was kept before it was told. */
  part: z.string().nullable().optional(),
  status: z.enum(['none_seen', 'wearing', 'failed', 'withheld']),
  remainingHours: hours,
  clockHoursPerHour: z.number().optional(),
  withheldBecause: z.string().nullable().default(null),
});

export const caseFileSchema = z.object({
  eventId: z.string().min(1),
  machineId: z.string().min(1),
  atMs: z.number(),
  transition: z.object({
    kind: z.enum(['opened', 'changed', 'cleared']),
    episodeId: z.string().min(1),
    code: z.string().min(1),
    /** As the machine's type calls it; absent in events from before it was told. */
    title: z.string().optional(),
    severity,
    openedAtMs: z.number(),
  }),
  machine: z.object({
    machineId: z.string(),
    machineType: z.string(),
    name: z.string(),
    site: z.string().min(1),
    line: z.string(),
  }),
  phase: z.string().nullable().default(null),
  /** Part, program, block, tool: what the machine was at. */
  context: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  /** The span of its telemetry to look at again. */
  replay: z.object({ fromMs: z.number(), toMs: z.number() }).nullable().default(null),
  /** Absent in events from before there were any, and where a repair ended an episode. */
  links: z.object({ page: z.string(), replay: z.string(), runbook: z.string() }).optional(),
  findings: z.array(finding).default([]),
  /** Remaining life of each component; where it is withheld there are no hours. */
  forecast: z
    .object({ components: z.array(componentLife) })
    .nullable()
    .default(null),
  causes: z.array(z.object({ failureMode: z.string(), component: z.string(), weight: z.number() })).default([]),
  /** A repair clears episodes without a judgement of its own. */
  advice: z
    .object({
      decision: z.enum(decisions),
      action: z.string(),
      requiredCheck: z.string(),
      rationale: z.string(),
      confidence: z.number(),
    })
    .nullable()
    .default(null),
});

export type CaseFile = z.output<typeof caseFileSchema>;
export type CaseEvidence = CaseFile['findings'][number]['evidence'][number];

export function parseCaseFile(detail: unknown): Result<CaseFile, string> {
  const parsed = caseFileSchema.safeParse(detail);
  if (parsed.success) return success(parsed.data);
  const [issue] = parsed.error.issues;
  return failure(`anomaly event, ${issue?.path.join('.') || 'detail'}: ${issue?.message ?? 'not readable'}`);
}

/** What the episode's own code saw; the other findings of the moment are not its evidence. */
export function evidenceOf({ findings, transition }: CaseFile): readonly CaseEvidence[] {
  return findings.find(({ code }) => code === transition.code)?.evidence ?? [];
}
