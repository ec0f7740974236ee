/** A machine that the plant knows and wants watched. */
export interface RegisteredMachine {
  readonly machineId: string;
  readonly machineType: string;
  readonly name: string;
  readonly site: string;
  readonly line: string;
  /** The version of the state model this machine stays with; absent takes the deployment's. */
  readonly stateModelPin?: string;
}

export interface Registry {
  /** The machines among these that are registered; an answer may be some minutes old. */
  find(machineIds: ReadonlySet<string>): Promise<ReadonlyMap<string, RegisteredMachine>>;
}
