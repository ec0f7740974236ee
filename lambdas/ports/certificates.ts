export interface Certificates {
  /** How many certificates a machine has; none where IoT Core does not know it. */
  countOf(machineId: string): Promise<number>;
}
