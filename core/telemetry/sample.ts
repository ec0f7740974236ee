/** How far a value may be trusted, as its sender declared it. Absence means `good`. */
export const signalQualities = ['good', 'uncertain', 'bad'] as const;
export type SignalQuality = (typeof signalQualities)[number];

/** One reading of one machine at one moment, parsed: the form every part behind the border works on. */
export interface Sample {
  readonly machineId: string;
  readonly machineType: string;
  readonly sampledAtMs: number;
  /** The sender's running number; null where the sender has none. */
  readonly sequence: number | null;
  /** One value per signal, in the order of the machine type's `signals`; NaN where the payload had none. */
  readonly values: readonly number[];
  /** Only what the sender declared other than good, by signal name. */
  readonly declaredQuality: Readonly<Record<string, SignalQuality>>;
  readonly phase: string | null;
  /** Part, program, block, tool: what says where in the work the machine stood. */
  readonly context: Readonly<Record<string, string | number>>;
}
