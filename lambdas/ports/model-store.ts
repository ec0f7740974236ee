export interface ModelStore {
  /** The artefact's text; null asks for the one that came with the deployment. Undefined where there is none of that name. */
  read(machineType: string, version: string | null): Promise<string | undefined>;
}
