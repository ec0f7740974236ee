import type { LedgerPort } from '../engine.ts';

/** What a deployment itself writes into the store is nobody's sample: the books open when the cloud runs. */
export function openLater(ledger: LedgerPort): { readonly port: LedgerPort; open(): void } {
  let isOpen = false;
  const port: LedgerPort = {
    ...ledger,
    stored: (...row) => {
      if (isOpen) ledger.stored(...row);
    },
    repeated: (...row) => {
      if (isOpen) ledger.repeated(...row);
    },
  };
  return {
    port,
    open: () => {
      isOpen = true;
    },
  };
}
