/** Schedules as cron text, five fields (crontab(5)): minute, hour, day of month, month, day of week. */

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of week', min: 0, max: 7, names: days },
];

const nicknames = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];

/** `null` where the text is a schedule, else what is wrong with it. */
export function cronProblem(text: string): string | null {
  if (text.startsWith('@')) return nicknames.includes(text) ? null : `not one of ${nicknames.join(', ')}`;
  const parts = text.split(/[ \t]+/);
  if (parts.length !== fields.length) return 'five fields: minute, hour, day of month, month, day of week';
  for (const [i, field] of fields.entries()) {
    const wrong = (parts[i] as string).split(',').some(item => !isItem(item, field));
    if (wrong) return `the ${field.name} must lie in ${field.min} to ${field.max}`;
  }
  return null;
}

/** `*`, `5`, `1-5`, `mon-fri`, each with an optional `/step`. */
function isItem(item: string, field: Field): boolean {
  const match = /^(\*|[a-z0-9]+(?:-[a-z0-9]+)?)(?:\/(\d{1,2}))?$/i.exec(item);
  if (!match) return false;
  const [, range = '', step] = match;
  if (step !== undefined && (Number(step) < 1 || Number(step) > field.max)) return false;
  if (range === '*') return true;
  const bounds = range.split('-').map(word => ordinal(word, field));
  if (bounds.some(bound => Number.isNaN(bound) || bound < field.min || bound > field.max)) return false;
  return bounds.length === 1 || (bounds[0] as number) <= (bounds[1] as number);
}

function ordinal(word: string, field: Field): number {
  if (/^\d{1,2}$/.test(word)) return Number(word);
  const at = field.names?.indexOf(word.toLowerCase()) ?? -1;
  return at < 0 ? Number.NaN : at + field.min;
}
