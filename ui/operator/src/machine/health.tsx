import type { Twin } from '../../../../core/api/schemas.ts';
import { spell } from '../../../../core/api/titles.ts';
import { formatPercent } from '../wording.ts';
import { explainHealth } from './health-words.ts';

/** Below these the bar takes the colour, and the number stands beside it. */
const poorBelowPercent = 40;
const fairBelowPercent = 70;

const stateOfHealth = (percent: number | null): string =>
  percent === null
    ? 'never'
    : percent < poorBelowPercent
      ? 'critical'
      : percent < fairBelowPercent
        ? 'warning'
        : 'normal';

/** One component alone is the machine, and would stand there twice. */
export function Health({ twin }: { readonly twin: Twin }) {
  const components = [...twin.components].sort((a, b) => a.healthPercent - b.healthPercent);
  const why = explainHealth(twin);
  return (
    <section class="panel" aria-labelledby="health">
      <h2 id="health">Health</h2>
      <ul class="bars">
        <Bar title="Machine" percent={twin.healthPercent} />
        {components.length > 1 &&
          components.map(({ component, title, healthPercent }) => (
            <Bar key={component} title={title} percent={healthPercent} />
          ))}
      </ul>
      {why !== null && <p class="quiet small">{why}</p>}
      <Causes twin={twin} />
    </section>
  );
}

function Bar({ title, percent }: { readonly title: string; readonly percent: number | null }) {
  return (
    <li class={stateOfHealth(percent)}>
      <span>{title}</span>
      <span class="bar" aria-hidden="true">
        <span style={{ width: `${percent ?? 0}%` }} />
      </span>
      <span class="number">{percent === null ? '–' : `${percent} %`}</span>
    </li>
  );
}

function Causes({ twin }: { readonly twin: Twin }) {
  const isJudged = twin.rebuilt === null && twin.healthPercent !== null;
  if (twin.causes.length === 0 && !isJudged) return null;
  if (twin.causes.length === 0) {
    return <p class="quiet small">Nothing deviates that a known failure would explain.</p>;
  }
  return (
    <>
      <h3 class="under">Probable causes</h3>
      <ol class="causes">
        {twin.causes.map(({ failureMode, title, component, weight }) => (
          <li key={failureMode}>
            <span>
              {title} <span class="quiet small">{spell(component)}</span>
            </span>
            <span class="number">{formatPercent(weight)}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
