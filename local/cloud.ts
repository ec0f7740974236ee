import { mkdirSync } from 'node:fs';
import type { Metrics } from './cloudwatch/metrics.ts';
import type { Caller, Cloud, Engine, LedgerPort, ResourceModel } from './engine.ts';
import { refuseOthers, ServiceError } from './engine.ts';
import { createIam, type Iam } from './iam/iam.ts';

export interface CloudOptions {
  readonly region: string;
  readonly accountId: string;
  readonly dataFolder: string;
  readonly ledger: LedgerPort;
  readonly metrics: Metrics;
  readonly tell: (source: string, message: string) => void;
}

/** The cloud that engines see, and what only its owner does with it. */
export interface LocalCloud extends Cloud {
  readonly iam: Iam;
  add(engine: Engine): void;
  findEngine(name: string): Engine | undefined;
  findModel(type: string): ResourceModel | undefined;
  /** Like `call`, for an operation that takes its request unread; null where it does not. */
  callRaw(service: string, operation: string, body: Uint8Array, caller: Caller): Promise<string | null>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createCloud(options: CloudOptions): LocalCloud {
  mkdirSync(options.dataFolder, { recursive: true });
  const engines = new Map<string, Engine>();
  const models = new Map<string, ResourceModel>();
  const iam = createIam(options.accountId);
  const cloud: LocalCloud = {
    ...options,
    iam,
    nowMs: Date.now,
    putMetric: options.metrics.put,
    authorize: iam.authorize,
    call: async (service, operation, input, caller) => {
      const called = engines.get(service)?.operations[operation];
      if (called === undefined) {
        throw new ServiceError('UnknownOperationException', `${service}:${operation} is not modelled on the laptop`);
      }
      for (const access of called.access(input)) iam.authorize(caller, access);
      refuseOthers(`${service}:${operation}`, input, called.members);
      return called.run(input, caller);
    },
    callRaw: async (service, operation, body, caller) => {
      const raw = engines.get(service)?.operations[operation]?.raw;
      if (raw === undefined) return null;
      for (const access of raw.access(body)) iam.authorize(caller, access);
      return raw.run(body);
    },
    add: (engine) => {
      engines.set(engine.name, engine);
      for (const [type, model] of Object.entries(engine.resources)) models.set(type, model);
    },
    findEngine: (name) => engines.get(name),
    // `Custom::…` is another spelling of one type (CloudFormation user guide).
    findModel: (type) =>
      models.get(type) ?? (type.startsWith('Custom::') ? models.get('AWS::CloudFormation::CustomResource') : undefined),
    start: async () => {
      for (const engine of engines.values()) await engine.start?.();
    },
    stop: async () => {
      const failures: unknown[] = [];
      for (const engine of [...engines.values()].reverse()) {
        try {
          await engine.stop?.();
        } catch (error) {
          failures.push(error); // a full disk, for one; the others end all the same
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
  cloud.add(iam.engine);
  return cloud;
}
