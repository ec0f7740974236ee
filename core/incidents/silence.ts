import type { CaseFile } from './case-file.ts';

/**
 * Which machines have stopped speaking, and which speak again. What does not come cannot be judged by what takes
 * samples: so this is looked at by the clock. By arrival, because a machine's own clock may be wrong. It fails to tell a
 * machine that is switched off for the night from one that cannot be heard: shelve its incident, or the group's.
 */
export interface Watched {
  readonly machine: CaseFile['machine'];
  /** Null: it has never spoken, and so cannot have stopped. */
  readonly lastHeardMs: number | null;
}

/** By machine: when it was last heard. */
export type Silences = Readonly<Record<string, { readonly machine: CaseFile['machine']; readonly sinceMs: number }>>;

export interface SilenceNews {
  readonly machine: CaseFile['machine'];
  readonly sinceMs: number;
  readonly isSilent: boolean;
}

export interface Listening {
  readonly nowMs: number;
  readonly staleAfterMs: number;
}

export const silenceCode = 'machine_silent';

export function findSilences(watched: readonly Watched[], known: Silences, { nowMs, staleAfterMs }: Listening) {
  const silences: Record<string, Silences[string]> = {};
  for (const { machine, lastHeardMs } of watched) {
    if (lastHeardMs === null || nowMs - lastHeardMs <= staleAfterMs) continue;
    const { machineId } = machine;
    silences[machineId] = known[machineId] ?? { machine, sinceMs: lastHeardMs };
  }
  const fell = Object.entries(silences).filter(([id]) => known[id] === undefined);
  // A machine that left the registry counts as one that needs no watching any more.
  const back = Object.entries(known).filter(([id]) => silences[id] === undefined);
  const news =
    (isSilent: boolean) =>
    ([, one]: [string, Silences[string]]): SilenceNews => ({ ...one, isSilent });
  return { silences, news: [...fell.map(news(true)), ...back.map(news(false))] };
}

/** The same for each look at the same silence. */
export const silenceIdOf = ({ machine, sinceMs }: SilenceNews): string =>
  `${machine.machineId}/${silenceCode}/${sinceMs}`;

/** As an anomaly of the machine, so that it becomes an incident as any other, with others of its site if they fell silent too. */
export function caseOfSilence(news: SilenceNews, { nowMs, staleAfterMs }: Listening): Omit<CaseFile, 'eventId'> {
  const { machine, sinceMs, isSilent } = news;
  const ageMs = nowMs - sinceMs;
  const evidence = {
    signal: 'age_of_newest_sample',
    unit: 's',
    observed: Math.round(ageMs / 1000),
    expected: null,
    residual: null,
    limit: { max: Math.round(staleAfterMs / 1000) },
    quality: 'stale' as const,
    ageMs,
  };
  const { machineId } = machine;
  return {
    machineId,
    atMs: isSilent ? sinceMs + staleAfterMs : nowMs,
    transition: {
      kind: isSilent ? 'opened' : 'cleared',
      episodeId: silenceIdOf(news),
      code: silenceCode,
      severity: 'warning',
      openedAtMs: sinceMs + staleAfterMs,
    },
    machine,
    phase: null,
    context: {},
    replay: { fromMs: sinceMs - staleAfterMs, toMs: sinceMs },
    findings: isSilent ? [{ code: silenceCode, component: null, severity: 'warning', evidence: [evidence] }] : [],
    forecast: null,
    causes: [],
    advice: isSilent ? silentAdvice : null,
  };
}

/** Verify before act: what is not heard is not known to be well. */
const silentAdvice = {
  decision: 'do_not_proceed',
  action: 'Find out why the machine is not heard, before relying on its state',
  requiredCheck: 'Machine switched on, gateway and network up, certificate not revoked',
  rationale: 'No sample came for longer than this stage allows; its last values are old',
  confidence: 0.95,
} as const;
