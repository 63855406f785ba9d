/** `tsm org history @ENV`: the generations, newest first. */

import { usage } from '../../../lib/errors.js';
import type { LogRecord } from '../../../lib/history.js';
import { envName } from '../../../lib/names.js';
import { printable } from '../../../lib/text.js';
import type { Input, Outcome } from '../../cli/command.js';
import type { Style } from '../../cli/style.js';
import { table } from '../../cli/table.js';
import { historyOf } from '../../operator/generations.js';
import { currentOrg } from '../../operator/workspace.js';

const shownByDefault = 20;

export async function run({ args, options, workspace }: Input): Promise<Outcome> {
  const env = envName(args[0] as string);
  const limit = limitOption(options.values.get('limit'));
  const org = currentOrg(workspace);
  const { log, head: current } = await historyOf(org, env);
  // Read when it is printed: a person sees the newest, a script all that it does not leave out.
  const newest = (most: number) => take(generationsOf(log.newestFirst()), most);
  return {
    schema: 'tsm/history/1',
    data: () => {
      const generations = newest(limit ?? Number.POSITIVE_INFINITY).map(({ record, verdicts }) => ({
        generation: record.generation,
        bundle: record.bundle,
        action: record.action,
        of: record.of,
        from: record.from,
        at: record.at,
        by: record.by,
        commit: record.commit,
        dirty: record.dirty,
        message: record.message,
        accepted: record.accepted,
        confirmed: verdicts.filter(({ outcome }) => outcome === 'confirmed').map(({ host }) => host as string),
        verdicts: verdicts.map(({ host, outcome, at, by, message }) => ({ host, outcome, at, by, reason: message })),
      }));
      return { org: org.name, env, current: current.generation, generations };
    },
    text: style => {
      const records = newest(limit ?? shownByDefault);
      const older = current.generation - records.length;
      const more = older > 0 ? `${style.dim(`  ... and ${older} older: tsm org history @${env} -n 0`)}\n` : '';
      return `${style.bold(`${org.name} ${env}`)}\n${table(records.map(one => row(one, current, style)))}${more}`;
    },
  };
}

interface Generation {
  readonly record: LogRecord;
  /** What became of it on hosts, newest first. */
  readonly verdicts: readonly LogRecord[];
}

/** The promotes and rollbacks, each with the verdicts on it, which stand behind it in the log. */
function* generationsOf(newestFirst: Iterable<LogRecord>): Generator<Generation> {
  const verdicts = new Map<number, LogRecord[]>();
  for (const record of newestFirst) {
    if (record.action !== 'verdict') yield { record, verdicts: verdicts.get(record.generation) ?? [] };
    else verdicts.set(record.of as number, [...(verdicts.get(record.of as number) ?? []), record]);
  }
}

/** The newest word on each host. */
function hostsText(verdicts: readonly LogRecord[], style: Style): string {
  const newest = new Map<string, LogRecord>();
  for (const verdict of verdicts) if (!newest.has(verdict.host as string)) newest.set(verdict.host as string, verdict);
  return [...newest.values()]
    .map(({ host, outcome }) => {
      const name = printable(host as string);
      return outcome === 'confirmed' ? style.green(name) : style.red(`${name} ${outcome}`);
    })
    .join(' ');
}

function row({ record, verdicts }: Generation, current: LogRecord, style: Style): string[] {
  const isCurrent = record.generation === current.generation;
  const commit = record.commit ? record.commit.slice(0, 8) + (record.dirty ? '*' : '') : '';
  const accepted = record.accepted ? style.yellow(`accepts ${record.accepted.join(', ')}`) : '';
  return [
    isCurrent ? style.green('*') : ' ',
    isCurrent ? style.green(String(record.generation)) : String(record.generation),
    actionOf(record),
    style.dim(record.bundle.slice(0, 12)),
    record.at.replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
    printable(record.by),
    commit,
    [hostsText(verdicts, style), printable((record.message ?? '').split('\n', 1)[0] as string), accepted]
      .filter(Boolean)
      .join('  '),
  ];
}

function actionOf({ action, of, from }: LogRecord): string {
  if (action === 'rollback') return `rollback to ${of}`;
  return from ? `promote from ${from}` : action;
}

function limitOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw usage(`--limit takes a number, not ${JSON.stringify(text)}`, 'tsm org history --help');
  return text === '0' ? Number.POSITIVE_INFINITY : Number(text);
}

function take<T>(items: Iterable<T>, most: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length >= most) break;
    taken.push(item);
  }
  return taken;
}
