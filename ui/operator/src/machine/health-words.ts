import type { Twin } from '../../../../core/api/schemas.ts';

/** Each health is rounded by itself. */
const roundingPoints = 2;

/**
 * Why a machine is worse than its worst component: every finding takes from the machine, and from a component only its
 * own (core/detection/health.ts). Null where nothing needs a word.
 */
export function explainHealth({
  healthPercent,
  components,
}: Pick<Twin, 'healthPercent' | 'components'>): string | null {
  if (healthPercent === null || components.length < 2) return null;
  if (healthPercent >= Math.min(...components.map((component) => component.healthPercent))) return null;
  const losses = components
    .map(({ title, healthPercent: left }) => ({ title, points: 100 - left }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points);
  const rest = 100 - healthPercent - losses.reduce((sum, { points }) => sum + points, 0);
  const all = rest > roundingPoints ? [...losses, { title: 'what belongs to no component', points: rest }] : losses;
  return `What the parts lose adds up in the machine: ${all.map(({ title, points }) => `${title} ${points}`).join(' + ')} points of its 100.`;
}
