/** A remaining life or a standstill as people read it: as coarse as such a number can be meant. */
export function formatHours(hours: number): string {
  if (hours > 0 && hours < 1 / 60) return '< 1 min';
  if (Math.round(hours * 60) < 60) return `${Math.round(hours * 60)} min`;
  if (hours < 48) return `${Math.round(hours * 10) / 10} h`;
  return `${Math.round(hours / 24).toLocaleString('en')} days`;
}
