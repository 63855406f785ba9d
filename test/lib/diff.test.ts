import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { changesBetween, nothing, type Rendering, renderingOf, settingChanges } from '../../lib/diff.js';
import { parseToml } from '../../lib/toml/parse.js';
import type { Table } from '../../lib/types.js';
import { minimal, promotion } from '../support/sources.js';

const table = (text: string) => (parseToml(text) as { table: Table }).table;

const settings = suite('settingChanges');

for (const [what, before, after, expected] of [
  ['nothing where only the order differs', 'a = 1\nb.c = 2', 'b = { c = 2 }\na = 1', []],
  ['what is new', '', 'a.b = "x"', ['a.b: undefined -> "x"']],
  ['what is gone', 'a.b = "x"', '', ['a.b: "x" -> undefined']],
  ['what is another', 'a = 1', 'a = 2', ['a: 1 -> 2']],
  ['1.0 instead of 1', 'a = 1', 'a = 1.0', ['a: 1 -> 1.0']],
  ['a list as a whole', 'a = [1, 2]', 'a = [2, 1]', ['a: [1, 2] -> [2, 1]']],
  ['a table in place of a value', 'a = 1', 'a.b = 1', ['a: 1 -> undefined', 'a.b: undefined -> 1']],
  ['an empty table', '', '[a]', ['a: undefined -> {}']],
  ['an empty table that is filled by what fills it', '[a]', 'a.b = 1', ['a.b: undefined -> 1']],
  ['by key', 'z = 1', 'b = 1\na = 1', ['a: undefined -> 1', 'b: undefined -> 1', 'z: 1 -> undefined']],
] as const)
  settings(`tells ${what}`, () => {
    const changes = settingChanges(table(before), table(after));
    assert.equal(
      changes.map(change => `${change.key}: ${change.before} -> ${change.after}`),
      [...expected],
    );
  });

settings.run();

const files = suite('changesBetween');

const unit = '# made from bundle 1\n[Service]\nExecStart=a\n';
const rules = 'table inet tetra {\n}\n';

for (const [what, path, before, after, expected] of [
  ['nothing of what stays', 'env.toml', 'a', 'a', ''],
  ['nothing of bundle.json', 'bundle.json', 'a', 'b', ''],
  ['a file that is new', 'env.toml', undefined, 'a', 'added undefined'],
  ['a file that is gone', 'env.toml', 'a', undefined, 'removed undefined'],
  ['a file that changed', 'env.toml', 'a', 'b', 'changed undefined'],
  ['that a new service starts', 's/a.service', undefined, unit, 'added start'],
  ['that a removed service stops', 's/a.service', unit, undefined, 'removed stop'],
  ['that a changed service restarts', 's/a.service', unit, unit.replace('=a', '=b'), 'changed restart'],
  ['that one is stopped first where its end changes', 's/a.service', unit, `${unit}ExecStop=b\n`, 'changed stop-start'],
  ['that a description does nothing', 's/a.service', unit, `${unit}[Unit]\nDescription=a\n`, 'changed nothing'],
  ['what hosts of any role do', 's/a.service', unit, `${unit}[X-Tsm]\nRoles=web\n`, 'changed nothing'],
  [
    'that a held service gets stale',
    's/a.service',
    unit,
    `${unit}X=1\n[X-Tsm]\nRestartIfChanged=no\n`,
    'changed stale',
  ],
  ['that a new target starts', 's/a.target', undefined, '[Unit]\n', 'added start'],
  ['that a comment does nothing', 's/a.service', unit, unit.replace('1', '2'), 'changed nothing'],
  ['that rules are loaded again', 'n/rules.nft', rules, `${rules}x`, 'changed reload'],
] as const)
  files(`tells ${what}`, () => {
    const rendering = (content: string | undefined): Rendering => ({
      ...nothing,
      files: new Map(content === undefined ? [] : [[path, content]]),
    });
    const changes = changesBetween(rendering(before), rendering(after)).files;
    assert.is(changes.map(({ change, effect }) => `${change} ${effect}`).join(), expected);
  });

files('tells everything of a first bundle, by path', () => {
  const made = promotion(minimal);
  const { settings: values, files: paths } = changesBetween(nothing, renderingOf(made.document, made.bundle));
  assert.equal(
    paths.map(file => file.path),
    made.bundle.files.slice(1).map(file => file.path),
  );
  assert.ok(values.every(change => change.before === undefined));
});

files.run();
