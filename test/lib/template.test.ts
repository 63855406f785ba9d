import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseManifest } from '../../lib/manifest.js';
import { keyAt, sections } from '../../lib/schema/keys.js';
import { manifestText, templateSettings, templateText } from '../../lib/template.js';
import { formatToml } from '../../lib/toml/format.js';
import { isTable, sameValue } from '../../lib/toml/values.js';
import type { Table } from '../../lib/types.js';
import { promotion, source } from '../support/sources.js';

const settings = templateSettings({ user: 'ana', os: 'linux' });
const plain = formatToml(settings);
const examples = ['dev', 'staging', 'prod'].map(env => ({ env, leaves: promotion(plain, env).leaves }));
const text = templateText(settings, 'acme', examples);

const template = suite('templateText');

template('holds exactly the settings of the template', () => {
  const { app, ...local } = source(text).local;
  assert.equal(Object.keys(app as Table), []);
  assert.ok(sameValue(local, settings));
});

template('is promoted without a problem or a warning, to what the settings alone give', () => {
  for (const env of ['dev', 'staging', 'prod']) {
    const made = promotion(text, env);
    assert.equal(made.warnings, []);
    for (const [key, leaf] of promotion(plain, env).leaves)
      assert.ok(sameValue(made.leaves.get(key)?.value, leaf.value), key);
  }
});

template('says behind a value what the environments make of it', () => {
  for (const line of [
    'memory_max = 0 +# dev: 1024, staging: 2048, prod: 4096',
    'default_input = "accept" +# prod: "drop"',
    'auto_start = false +# every server: true',
    'hostname = "localhost" +# the name of the machine',
  ])
    assert.match(text, new RegExp(`^${line}$`, 'm'));
});

template('names every key that a service can have beside those it sets', () => {
  const { keys = {}, tables = {} } = sections.services?.each ?? {};
  for (const name of [...Object.keys(keys), ...Object.values(tables).flatMap(table => Object.keys(table.keys))])
    assert.match(text, new RegExp(`^(# {3})?${name} +`, 'm'));
  for (const name of Object.keys(tables)) assert.match(text, `#   [services.NAME.${name}]`);
});

template('shows examples of overrides that are right', () => {
  const shown = text
    .slice(text.indexOf('#   [env.prod.deployment]'))
    .replaceAll(/^#( {3})?/gm, '')
    .replaceAll(/^ .*$/gm, '');
  assert.equal(Object.keys(source(`${plain}${shown}`).environments).sort(), ['prod', 'qa']);
});

template.run();

const keys = suite('sections');

keys('have a default that they themselves allow, and say what each key is for', () => {
  for (const [name, section] of Object.entries(sections)) {
    assert.ok(section.doc);
    for (const [key, { kind, fallback, doc }] of Object.entries(section.keys)) {
      assert.ok(doc, key);
      assert.is(keyAt([name, key])?.kind, kind);
      if (fallback !== undefined && kind.check) assert.is(kind.check(fallback), null, key);
    }
  }
});

keys('have no key that every object inherits', () => {
  for (const path of [
    ['constructor'],
    ['ports', 'toString'],
    ['services', 'a', '__proto__'],
    ['services', 'a', 'constructor', 'b'],
  ])
    assert.is(keyAt(path)?.doc, path[0] === 'ports' ? 'a port' : undefined);
  assert.not.ok('constructor' in sections);
});

keys.run();

const manifest = suite('parseManifest');

manifest('takes the manifest of a new organization', () => {
  const result = parseManifest(manifestText('acme'), 'acme');
  assert.ok(!result.problems && isTable(result.manifest.organization));
});

for (const [what, content, message] of [
  ['another name than the folder has', '[organization]\nname = "b"', /must be "acme"/],
  ['no name', '[organization]', /needs name/],
  ['an unknown key', '[organization]\nname = "acme"\nnmae = 1', /unknown key organization\.nmae/],
  ['an unknown table', '[organization]\nname = "acme"\n[histroy]', /unknown key histroy/],
  ['a retention of 0', '[organization]\nname = "acme"\n[history]\nretention = 0', /history\.retention must be >= 1/],
  ['what is no TOML', '[', /not valid TOML/],
] as const)
  manifest(`refuses ${what}`, () => {
    assert.match(
      parseManifest(content, 'acme')
        .problems?.map(problem => problem.message)
        .join() ?? '',
      message,
    );
  });

manifest.run();
