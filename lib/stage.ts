import { z } from 'zod';
import { quoteGot, sayAllowed } from '../core/allowed.ts';
import { audiences } from '../core/incidents/audience.ts';
import { routeSchema } from '../core/incidents/routing.ts';
import { failure, type Result, success } from '../core/result.ts';

/**
 * What distinguishes one installation from another. `local`, `dev` and `prod` are supplied (stages.ts); a plant adds its
 * own as stages/<name>.json. Everything a stack or a function needs to know about its stage is in here.
 */
const email = z.string().regex(/^[^@\s]+@[^@\s]+\.[^@\s]+$/, 'use an email address, like "maintenance@plant.example"');

/** A day of history is what an operator asks for first; above 365 days memory costs more than the rest of the stage. */
const retention = z.strictObject({
  /** Detailed samples in the store's fast part. */
  storeHours: z.int().min(1).max(8766),
  /** Everything in the store's slow part, rollups too. */
  storeDays: z.int().min(1).max(3650),
  /** Records on the stream: what a replay or a repaired consumer can still reach. */
  streamHours: z.int().min(24).max(8760),
  archiveDays: z.int().min(30).max(36500),
  logDays: z.union([1, 3, 5, 7, 14, 30, 60, 90, 180, 365, 731].map((days) => z.literal(days))),
});

const capacity = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('provisioned'), shards: z.int().min(1).max(500) }),
  z.strictObject({ mode: z.literal('on-demand') }),
]);

/** Who is told of what, and how long things may stay unanswered (defaults: core/incidents/policy.ts). */
const alerting = z.strictObject({
  /** Where a list is absent, alertEmails hear of it; of `watch`, nobody. */
  recipients: z.partialRecord(z.enum(audiences), z.array(email)).default({}),
  acknowledgeCriticalMin: z.number().positive().default(10),
  acknowledgeWarningMin: z.number().positive().default(60),
  /** Quiet for this long ends an incident; a signal that comes back sooner is flapping. */
  flapHoldMin: z.number().positive().max(1440).default(10),
  pagesPerShift: z.int().min(1).default(12),
  /** A machine that was not heard for this long has fallen silent: somebody is told. */
  silentAfterMin: z.number().min(1).max(1440).default(5),
  /** Text messages beside mail, as +491701234567: SNS bills each, and an account begins in its sandbox. */
  phones: z
    .partialRecord(z.enum(audiences), z.array(z.string().regex(/^\+[1-9]\d{6,14}$/, 'use +, country and number')))
    .default({}),
  /** Slack's buttons acknowledge: needs an app whose interactivity posts to <acknowledge URL>slack, and its signing secret. */
  slackButtons: z.boolean().default(false),
  /** The Slack channel that Amazon Q Developer writes to; an administrator authorises the workspace once by hand. */
  amazonQ: z
    .strictObject({ workspaceId: z.string().regex(/^[0-9A-Z]{1,255}$/), channelId: z.string().regex(/^[A-Za-z0-9]+$/) })
    .optional(),
  /** Beyond mail: what goes to Slack, PagerDuty, Telegram or a webhook, each with a secret to fill in (docs/deploy.md). */
  routes: z.array(routeSchema).default([]),
});

const maintenance = z.strictObject({
  /** A work order that nobody decides on expires after this, to the safe side: nothing is approved. */
  decideWithinMin: z.number().positive().default(480),
  remindEveryHours: z.number().positive().default(24),
  /** Where the registry names no price of a machine's own. */
  downtimeEurPerHour: z.number().nonnegative().default(150),
  /** A maintenance system that hears of every work order, by POST. */
  cmms: z
    .strictObject({ url: z.url({ protocol: /^https$/ }), rateLimitPerS: z.int().min(1).max(300).default(5) })
    .optional(),
});

/** Versions that Amazon Managed Grafana still offers and that can install the store's plugin. */
const grafana = z.strictObject({
  version: z.enum(['10.4', '12.4']).default('12.4'),
  /** Who signs in, where it is not IAM Identity Center, which the account must have otherwise. */
  saml: z
    .strictObject({
      metadataUrl: z.url({ protocol: /^https$/ }),
      /** The attribute of the assertion that says what a person may. */
      roleAttribute: z.string().min(1).default('role'),
      adminRoles: z.array(z.string().min(1)).min(1),
      editorRoles: z.array(z.string().min(1)).default([]),
    })
    .optional(),
  /** Where the plant publishes docs/runbook.md; dashboards lead there. */
  runbookUrl: z.url({ protocol: /^https$/ }).optional(),
});

export type GrafanaChoice = z.output<typeof grafana>;

export const stageSchema = z.strictObject({
  /** A provisioning template's name is the shortest that carries it: 36 characters (IoT API reference). */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,14}$/, 'use a lower-case letter, then up to 14 lower-case letters or digits')
    .regex(
      /^(?!.*(aws|amazon|cognito))/,
      'use a name without "aws", "amazon" or "cognito": Cognito takes none of them into the address of a sign-in page',
    ),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'use an AWS region, like "eu-central-1"'),
  /** Without one the stack goes to the account of the credentials that deploy it. */
  account: z
    .string()
    .regex(/^\d{12}$/, 'use the 12 digits of an AWS account')
    .optional(),
  /** The fleet the stage is laid out for: capacity, alarms and the cost estimate follow from it. */
  fleet: z.strictObject({
    machines: z.int().min(1).max(100_000),
    samplesPerMachinePerS: z.number().positive().max(1000),
    samplesPerMessage: z.int().min(1).max(500),
  }),
  /** Plain topics reach one stage of an account and region; further stages there listen to Basic Ingest alone. */
  plainTopics: z.boolean().default(true),
  /** LiveAnalytics is closed to accounts that never used it: `npm run preflight` says which one yours can have. */
  store: z.enum(['timestream', 'influxdb']),
  retention,
  capacity,
  detection: z.strictObject({
    /** 1,769 MB is one whole vCPU (Lambda developer guide, "Configure memory"); below it the share is in proportion. */
    memoryMb: z.int().min(128).max(10_240),
    timeoutS: z.int().min(5).max(900),
    batchSize: z.int().min(1).max(10_000),
    /** How long a record may wait for company: part of the time from sample to alert. */
    batchWindowS: z.int().min(0).max(300),
    retries: z.int().min(0).max(100),
    maxRecordAgeHours: z.int().min(1).max(168),
    /** The twin's present state is written at most this often, and at once when something changes. */
    twinEveryS: z.int().min(1).max(300),
    /** A replay after a cold start goes through at most this much; or thirty times that, where fewer than 5,000 records came. */
    checkpointEveryS: z.int().min(1).max(3600),
  }),
  /** The live feed tells what changed this often: twice as often costs twice as much (docs/adr/0020). */
  live: z.strictObject({ everyS: z.int().min(1).max(60).default(2) }).prefault({}),
  alertEmails: z.array(email),
  alerting: alerting.prefault({}),
  maintenance: maintenance.prefault({}),
  /** Without it there is no workspace: each of its users is billed by the month. */
  grafana: grafana.optional(),
  /** Who signs the API's tokens; without it the stage has a Cognito user pool of its own. */
  tokens: z
    .strictObject({
      issuer: z.url({ protocol: /^https$/ }),
      audience: z.array(z.string().min(1)).min(1),
      /** The claim that lists a person's groups: viewer, operator, engineer, admin. */
      roleClaim: z.string().min(1),
    })
    .optional(),
  /** `destroy` takes data with it; `retain` leaves buckets, tables and streams behind when a stack is removed. */
  removal: z.enum(['destroy', 'retain']),
  monthlyBudgetUsd: z.number().positive(),
  /** Emits synthetic defaults for a laptop: no claim hook, no budget. */
  laptop: z.boolean().default(false),
});

export type StageInput = z.input<typeof stageSchema>;
export type Stage = z.output<typeof stageSchema>;

/** Every fault is one sentence with the parameter, the value got and what is allowed. */
export function parseStage(input: unknown): Result<Stage, readonly string[]> {
  const parsed = stageSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) return failure(parsed.error.issues.map(describeIssue));
  const problems = findContradictions(parsed.data);
  return problems.length > 0 ? failure(problems) : success(parsed.data);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? 'stage' : issue.path.join('.');
  if (issue.code === 'unrecognized_keys') return `${where}: ${sayAllowed(issue.message)}`;
  return `${where}: got ${quoteGot(issue.input)}; ${sayAllowed(issue.message)}`;
}

/** 1 MB/s and 1,000 records/s go into a shard (Kinesis developer guide, "Quotas and limits"). */
const recordsPerShardPerS = 1000;

export function messagesPerS(stage: Pick<Stage, 'fleet'>): number {
  const { machines, samplesPerMachinePerS, samplesPerMessage } = stage.fleet;
  return (machines * samplesPerMachinePerS) / samplesPerMessage;
}

function findContradictions(stage: Stage): string[] {
  const problems: string[] = [];
  const neededShards = Math.ceil(messagesPerS(stage) / recordsPerShardPerS);
  if (stage.capacity.mode === 'provisioned' && stage.capacity.shards < neededShards) {
    problems.push(
      `capacity.shards: got ${stage.capacity.shards}; the fleet's ${messagesPerS(stage)} messages/s need at least ${neededShards}`,
    );
  }
  if (stage.detection.maxRecordAgeHours > stage.retention.streamHours) {
    problems.push(
      `detection.maxRecordAgeHours: got ${stage.detection.maxRecordAgeHours}; the stream keeps records ${stage.retention.streamHours} hours (retention.streamHours)`,
    );
  }
  if (stage.retention.storeHours > stage.retention.storeDays * 24) {
    problems.push(
      `retention.storeHours: got ${stage.retention.storeHours}; at most the ${stage.retention.storeDays * 24} hours of retention.storeDays`,
    );
  }
  return problems;
}
