import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRoom } from '../../../local/event-source-mapping/room.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function openRoom() {
  const state = { waiting: 0 };
  const room = createRoom({ countWaiting: () => state.waiting, maxWaiting: 10, longestWaitMs: 1000 });
  return { state, room };
}

const watch = (wait: Promise<void> | null): { isOver: boolean } => {
  const seen = { isOver: false };
  void wait?.then(() => {
    seen.isOver = true;
  });
  return seen;
};

describe('room on the way to the functions', () => {
  it('lets messages through while the functions keep up', () => {
    const { state, room } = openRoom();
    state.waiting = 9;
    expect(room.wait()).toBeNull();
  });

  it('holds messages while the backlog is long, and lets all go when it is short again', async () => {
    const { state, room } = openRoom();
    state.waiting = 10;
    const [first, second] = [watch(room.wait()), watch(room.wait())];
    room.noteProgress();
    await vi.advanceTimersByTimeAsync(0);
    expect([first.isOver, second.isOver]).toEqual([false, false]);
    state.waiting = 3;
    room.noteProgress();
    await vi.advanceTimersByTimeAsync(0);
    expect([first.isOver, second.isOver]).toEqual([true, true]);
    expect(room.wait()).toBeNull();
  });

  it('holds nobody longer than a moment when a function stands still: the stream keeps what it takes', async () => {
    const { state, room } = openRoom();
    state.waiting = 10;
    const held = watch(room.wait());
    await vi.advanceTimersByTimeAsync(999);
    expect(held.isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(held.isOver).toBe(true);
  });
});
