/** A workflow that waits for a person's word. */
export interface Workflow {
  /** False when nobody waits for this token any more. */
  answer(token: string, output: Readonly<Record<string, unknown>>): Promise<boolean>;
}

/** Tells a machine's twin that a component is a new one, or that part of it alone. */
export interface Renewals {
  renew(
    machineId: string,
    renewed: { readonly component: string; readonly part: string | null },
    report: Readonly<Record<string, unknown>>,
  ): Promise<void>;
}
