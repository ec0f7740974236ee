/**
 * The plant's time, as far as this machine's own clock can tell it: by how much its newest word was ahead. A viewer's clock
 * may be wrong, and a laptop's plant may run faster than any clock.
 */
export class PlantClock {
  private aheadMs = 0;

  /** What was just heard is of this moment. */
  hear(asOf: string): void {
    this.aheadMs = Date.parse(asOf) - Date.now();
  }

  nowMs(): number {
    return Date.now() + this.aheadMs;
  }
}
