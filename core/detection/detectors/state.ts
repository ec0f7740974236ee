import type { DetectorState } from '../detector.ts';

/** Values beyond this enter no sum or square: 1e100 squared and summed a million times is still finite. */
const largestMagnitude = 1e100;

/** A score beyond this says nothing more. */
export const largestScore = 1e6;

/** A usable number, or NaN: infinities are missing values, enormous ones are cut. */
export function usableNumber(value: number | undefined): number {
  if (value === undefined || !Number.isFinite(value)) return Number.NaN;
  // JSON knows no −0: adding 0 turns it into the 0 that a saved state will hold.
  return Math.min(largestMagnitude, Math.max(-largestMagnitude, value)) + 0;
}

/** Throws on a state that is another detector's, or of a version this code does not know yet. */
export function checkState(saved: DetectorState, kind: { readonly name: string; readonly version: number }): void {
  if (saved.detector !== kind.name) {
    throw new Error(`detector state: got one of "${saved.detector}", allowed is "${kind.name}"`);
  }
  const known = Number.isInteger(saved.version) && saved.version >= 1 && saved.version <= kind.version;
  if (!known) {
    throw new Error(`state of ${kind.name}: got version ${saved.version}, allowed are 1 to ${kind.version}`);
  }
}

/** Positions in the order of the names: inside, every detector works in this order, so the caller's changes nothing. */
export function orderByName(channels: readonly string[]): number[] {
  const repeated = channels.find((name, i) => channels.indexOf(name) !== i);
  if (repeated !== undefined) throw new Error(`channels: "${repeated}" stands more than once`);
  return channels.map((_, i) => i).sort((a, b) => (channels[a]! < channels[b]! ? -1 : 1));
}

/** A saved state belongs to its channels: other names mean another meaning of every number in it. */
export function checkChannels(savedChannels: readonly string[], channels: readonly string[], kindName: string): void {
  const same = savedChannels.length === channels.length && savedChannels.every((name, i) => name === channels[i]);
  if (!same) {
    throw new Error(
      `state of ${kindName}: got channels ${savedChannels.join(', ')}, allowed are ${channels.join(', ')}`,
    );
  }
}

/** A deep copy of plain JSON: keeps the saved state and the living one apart. */
export const copyPlain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
