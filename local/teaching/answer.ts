/** The scenario's addresses: /api/next, /api/status, /api/reset, /api/export.csv, /data/sample_run.csv. No token: it is a toy. */
import type { WireRequest, WireResponse } from '../wire/request.ts';
import { Scenario, sampleRun, toCsv } from './scenario.ts';

const mostAtOnce = 25;

/** Undefined for every other address. */
export function createTeaching(): (request: WireRequest) => WireResponse | undefined {
  const scenario = new Scenario();
  const answers: Readonly<Record<string, (request: WireRequest) => WireResponse>> = {
    '/api/next': (request) => drawNext(scenario, request.query.get('count')),
    '/api/status': () => json(scenario.progress()),
    '/api/reset': () => {
      scenario.reset();
      return json(scenario.progress());
    },
    '/api/export.csv': () => csv(toCsv(scenario.lessons)),
    '/data/sample_run.csv': () => csv(sampleRun()),
  };
  return (request) => (Object.hasOwn(answers, request.path) ? answers[request.path]!(request) : undefined);
}

/** One event by itself; asked for a count, a list. */
function drawNext(scenario: Scenario, count: string | null): WireResponse {
  if (count === null) return json(scenario.next());
  const wanted = /^\d{1,2}$/.test(count) ? Number(count) : Number.NaN;
  if (!(wanted >= 1 && wanted <= mostAtOnce)) {
    const detail = `count: got "${count}", allowed is a whole number from 1 to ${mostAtOnce}`;
    return json({ type: 'about:blank', title: 'Bad request', status: 400, detail }, 400);
  }
  return json({ events: Array.from({ length: wanted }, () => scenario.next()) });
}

const json = (value: unknown, statusCode = 200): WireResponse => ({
  statusCode,
  headers: {
    'content-type': statusCode === 200 ? 'application/json' : 'application/problem+json',
    'cache-control': 'no-store',
  },
  body: JSON.stringify(value),
});

const csv = (body: string): WireResponse => ({ statusCode: 200, headers: { 'content-type': 'text/csv' }, body });
