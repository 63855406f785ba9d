/** A comparison on the screen, and as JSON. */

import type { Changes, SettingChange } from '../../lib/diff.js';
import type { Json } from '../../lib/json.js';
import { printable } from '../../lib/text.js';
import { type Comparison, isSame } from '../operator/comparison.js';
import type { Style } from './style.js';
import { table } from './table.js';

export function comparisonJson(comparison: Comparison): { readonly [key: string]: Json } {
  const part = ({ settings, files }: Changes): Json => ({
    settings: settings.map(setting => ({ ...masked(setting), layer: comparison.layerOf(setting.key) })),
    files: files.map(file => ({ ...file })),
  });
  const { settings, files } = part(comparison.own) as { settings: Json; files: Json };
  return { settings, files, tsm: part(comparison.tsm) };
}

/** Setting by setting, then file by file; what another version of tsm brings stands apart. */
export function comparisonLines(comparison: Comparison, style: Style): string {
  if (isSame(comparison)) return '';
  const { own, tsm } = comparison;
  const fromTsm = tsm.settings.length + tsm.files.length > 0;
  return [
    changeLines(own, comparison, style),
    fromTsm ? `  ${style.yellow('and, from another version of tsm:')}\n${changeLines(tsm, comparison, style)}` : '',
  ].join('');
}

function changeLines({ settings, files }: Changes, { layerOf }: Comparison, style: Style): string {
  const rows = settings.map(change => ['  ', style.dim(layerOf(change.key) ?? ''), change.key, values(change, style)]);
  const units = files.map(({ path, change, effect }) => ['  ', change, path, effect ? style.cyan(effect) : '']);
  return table(rows) + table(units);
}

function values(change: SettingChange, style: Style): string {
  const { before, after } = masked(change);
  const old = before === undefined ? style.dim('(not set)') : style.red(printable(before));
  const now = after === undefined ? style.dim('(not set)') : style.green(printable(after));
  return `${old} -> ${now}`;
}

/** TOML is no place for secrets; where one stands in it all the same, a diff in a CI log must not spread it. */
function masked({ key, before, after }: SettingChange): SettingChange {
  const telling = telltale.test(key) || inside.test(before ?? '') || inside.test(after ?? '');
  if (!telling || key.startsWith('secrets.')) return { key, before, after };
  return { key, before: before && '(hidden)', after: after && '(hidden)' };
}

const telltale = /pass(word|wd|phrase)?|secret|token|credential|private_?key|api_?key/i;

/** The same in a list of tables, which is one value. */
const inside = new RegExp(`(${telltale.source})\\w*"? = `, 'i');
