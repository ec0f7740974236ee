import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startPolling } from '../../../ui/operator/src/connection/poll.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server whose answers come when the test says so. */
function openServer() {
  const waiting: { answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const shown: string[] = [];
  let isHidden = false;
  const polling = startPolling({
    everyMs: 1000,
    ask: () => new Promise<string>((answer, fail) => waiting.push({ answer, fail })),
    onValue: (value) => void shown.push(value),
    onProblem: (error) => void shown.push(String(error)),
    isHidden: () => isHidden,
  });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const hide = (hidden: boolean): void => {
    isHidden = hidden;
  };
  return { polling, waiting, shown, pass, hide };
}

describe('what a view asks for again and again', () => {
  it('is asked for once more after what a person did while an answer was on its way', async () => {
    const { polling, waiting, shown, pass } = openServer();
    polling.goOn();
    polling.goOn();
    expect(waiting).toHaveLength(1);
    waiting[0]!.answer('before');
    await pass(0);
    expect(waiting).toHaveLength(2);
    waiting[1]!.answer('after');
    await pass(999);
    expect([shown, waiting.length]).toEqual([['before', 'after'], 2]);
    await pass(1);
    expect(waiting).toHaveLength(3);
  });

  it('is asked for more seldom after each failure, and at once when one goes on', async () => {
    const { polling, waiting, shown, pass } = openServer();
    waiting[0]!.fail(new Error('away'));
    await pass(1999);
    expect(waiting).toHaveLength(1);
    await pass(1);
    waiting[1]!.fail(new Error('away'));
    await pass(3999);
    expect([waiting.length, shown]).toEqual([2, ['Error: away', 'Error: away']]);
    polling.goOn();
    expect(waiting).toHaveLength(3);
  });

  it('is not asked for while the page is hidden, nor after the view is left', async () => {
    const { polling, waiting, shown, pass, hide } = openServer();
    waiting[0]!.answer('first');
    hide(true);
    await pass(5000);
    expect(waiting).toHaveLength(1);
    hide(false);
    await pass(1000);
    expect(waiting).toHaveLength(2);
    polling.stop();
    waiting[1]!.answer('too late');
    await pass(5000);
    expect([shown, waiting.length]).toEqual([['first'], 2]);
  });
});
