import { useRef, useState } from 'preact/hooks';
import { describeFailure } from './connection/call-failed.ts';

export interface Doing<T> {
  /** True when it was done. */
  readonly run: (what: T) => Promise<boolean>;
  readonly problem: string | null;
  readonly isBusy: boolean;
}

/** Something a person does to the plant's records: once at a time, and its refusal is said. */
export function useDoing<T>(perform: (what: T) => Promise<unknown>): Doing<T> {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  // A second press comes before the button is drawn as busy.
  const isUnderWay = useRef(false);
  const run = async (what: T): Promise<boolean> => {
    if (isUnderWay.current) return false;
    isUnderWay.current = true;
    setBusy(true);
    try {
      await perform(what);
      setProblem(null);
      return true;
    } catch (error) {
      setProblem(describeFailure(error));
      return false;
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
  };
  return { run, problem, isBusy };
}
