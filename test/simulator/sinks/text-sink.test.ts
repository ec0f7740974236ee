import { getEventListeners } from 'node:events';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { TextSink } from '../../../simulator/sinks/text-sink.ts';

const message = { text: 'x'.repeat(100), sampleCount: 1 };

function openSlow() {
  const drains: (() => void)[] = [];
  const stream = new Writable({ highWaterMark: 10, write: (_chunk, _encoding, done) => void drains.push(done) });
  return { sink: new TextSink(stream), drain: () => drains.shift()?.() };
}

it('leaves nothing at the signal after a wait for the reader, however many there were', async () => {
  const { sink, drain } = openSlow();
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i++) {
    sink.accept(message as never);
    const ready = sink.ready(signal);
    drain();
    await ready;
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

it('waits no longer once it is to stop', async () => {
  const { sink } = openSlow();
  const stop = new AbortController();
  sink.accept(message as never);
  const ready = sink.ready(stop.signal);
  stop.abort();
  await ready;
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
});
