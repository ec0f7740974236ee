import { setFlagsFromString } from 'node:v8';

/**
 * Of a heap in which little grows old, V8 marks all that lives again after a tenth of growth: a function's worker under load did
 * nothing but that every 0.4 s, a quarter of all the processor time (docs/adr/0018). The heap may grow to four times what lives.
 */
export function letHeapsGrow(): void {
  setFlagsFromString('--heap-growing-percent=300');
}

/** What is new in a thread's heap. More means fewer collections and more memory, each thread its own. */
export const youngHeapMb = 48;
