import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleFormat, renderBundle } from '../../lib/bundle.js';
import { parseEnvironment } from '../../lib/environment.js';
import { invariantsOf } from '../../lib/profile.js';
import type { Promotion } from '../../lib/promote.js';
import { keyAt } from '../../lib/schema/keys.js';
import { templateSettings } from '../../lib/template.js';
import { dotted } from '../../lib/text.js';
import { formatToml, formatValue } from '../../lib/toml/format.js';
import { isTable } from '../../lib/toml/values.js';
import type { Table, Value } from '../../lib/types.js';
import { profiles } from '../../profiles/index.js';
import { fileOf, minimal, promotion } from '../support/sources.js';
import './arbitraries.js';

const settings = templateSettings({ user: 'ana', os: 'darwin' });
const template = formatToml(settings);
const environments = ['dev', 'staging', 'prod'];
const rich = `${template}
[app]
title = "a b"
"odd key" = [1, 2.0, { x = 1979-05-27 }]
[services.api]
command = "api --port \${PORT}"
reads = ["app"]
[services.api.environment]
GREETING = 'say "hi" 100%'
[[env.prod.accept]]
rule = "certificate"
reason = "it comes later"
`;

const address = suite('address');

/** The lines of a document, shuffled where TOML allows it: sections, and the keys of a section. */
function shuffled(text: string, order: (length: number) => number[]): string {
  const [, ...sections] = text.split(/^(?=\[)/m);
  const lines = sections.map(section => {
    const [head, ...keys] = section.trim().split('\n');
    return [head, ...order(keys.length).map(i => keys[i])].join('\n');
  });
  return order(lines.length)
    .map(i => lines[i])
    .join('\n');
}

const plain = formatToml(settings).replaceAll('\n\n', '\n');

address('does not move under key order, comments, white space and line endings', () => {
  const expected = environments.map(env => promotion(plain, env).bundle.name);
  const change = fc.record({
    seeds: fc.infiniteStream(fc.nat()),
    comment: fc.constantFrom('', ' # x', '\t#"'),
    indent: fc.constantFrom('', '  ', '\t'),
    end: fc.constantFrom('\n', '\r\n', '\n\n', '\r\n# y\r\n'),
  });
  fc.assert(
    fc.property(change, ({ seeds, comment, indent, end }) => {
      const order = (length: number) =>
        Array.from({ length }, (_, i) => [seeds.next().value as number, i] as const)
          .sort((a, b) => a[0] - b[0] || a[1] - b[1])
          .map(([, i]) => i);
      const text = shuffled(plain, order)
        .split('\n')
        .map(line => indent + line + comment)
        .join(end);
      assert.equal(
        environments.map(env => promotion(text, env).bundle.name),
        expected,
      );
    }),
    { numRuns: 40 },
  );
});

address('does not depend on where a value stands', () => {
  const table = `${minimal}[app]\na = 1\n[app.b]\nc = 2\n`;
  const inline = `app = { b = { c = 2 }, a = 1 }\n${minimal}`;
  assert.is(promotion(inline).bundle.name, promotion(table).bundle.name);
});

function* leavesOf(table: Table, path: readonly string[] = []): Generator<[readonly string[], Value]> {
  for (const [name, value] of Object.entries(table))
    if (isTable(value)) yield* leavesOf(value, [...path, name]);
    else yield [[...path, name], value];
}

/** Another value that the key may have. */
function another(path: readonly string[], value: Value): Value {
  const { schema, expands } = keyAt(path)!.kind;
  if (Array.isArray(schema.enum)) return schema.enum.find(word => word !== value) as string;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (Array.isArray(value))
    return path.at(-1) === 'ssh_ports' ? [2222] : path[0] === 'secrets' ? ['A'] : ['10.1.0.0/16'];
  if (path.at(-1) === 'schedule') return '7 7 * * 7';
  if (path.at(-1) === 'timezone') return 'Asia/Tokyo';
  if (path.at(-1) === 'env_file') return 'env/other.env';
  return expands === 'path' ? '/srv/other' : 'other';
}

address('moves with every key, in every environment', () => {
  let tried = 0;
  for (const env of environments) {
    const accepted = invariantsOf(profiles[env]!).map(
      ({ name }) => `[[env.${env}.accept]]\nrule = "${name}"\nreason = "x"\n`,
    );
    const make = (override: string) => promotion(`${template}${accepted.join('')}${override}`, env);
    const before = make('');
    for (const [path] of leavesOf(settings)) {
      const key = dotted(path);
      // What tsm insists on has no other value.
      if (['environment.name', 'system.os', 'system.init_system'].includes(key)) continue;
      const value = another(path, before.leaves.get(key)!.value);
      const made = make(`[env.${env}.${dotted(path.slice(0, -1))}]\n${path.at(-1)} = ${formatValue(value)}\n`);
      assert.is.not(made.bundle.name, before.bundle.name, `${env} ${key} = ${formatValue(value)}`);
      tried++;
    }
  }
  assert.ok(tried > 150);
});

address('moves with the organization, the environment, the format of a number and a waiver', () => {
  const names = [
    promotion(minimal).bundle.name,
    promotion(minimal, 'prod', 'other').bundle.name,
    promotion(minimal, 'staging').bundle.name,
    promotion(`${minimal}[app]\nx = 1`).bundle.name,
    promotion(`${minimal}[app]\nx = 1.0`).bundle.name,
    promotion(`${minimal}[[env.prod.accept]]\nrule = "domain"\nreason = "x"`).bundle.name,
    promotion(`${minimal}[[env.prod.accept]]\nrule = "domain"\nreason = "y"`).bundle.name,
  ].map(name => name.slice(0, 40));
  assert.is(new Set(names).size, names.length);
});

address('does not move with what local.toml says and the profile does not take', () => {
  assert.is(promotion(`${minimal}[logging]\nlevel = "trace"`).bundle.name, promotion(minimal).bundle.name);
});

address.run();

const bundle = suite('bundle');

const all: [env: string, made: Promotion][] = environments.map(env => [env, promotion(rich, env)]);

for (const [env, made] of all) {
  bundle(`of ${env} is proved by bundle.json alone`, () => {
    const manifest = fileOf(made, 'bundle.json');
    const digest = (content: string) => createHash('sha256').update(content).digest('hex');
    assert.is(made.bundle.name, `${digest(manifest).slice(0, 40)}-acme-${env}`);
    const listed = JSON.parse(manifest);
    assert.equal([listed.format, listed.org, listed.env], [bundleFormat, 'acme', env]);
    const others = made.bundle.files.slice(1).map(({ path, content }) => ({
      digest: `sha256:${digest(content)}`,
      mode: '0444',
      path,
      size: Buffer.byteLength(content),
    }));
    assert.equal(listed.files, others);
  });

  bundle(`of ${env} lists each path once, sorted, each below the bundle`, () => {
    const paths = made.bundle.files.map(file => file.path);
    assert.is(paths[0], 'bundle.json');
    assert.equal(paths.slice(1), [...new Set(paths.slice(1))].sort());
    for (const path of paths) assert.match(path, /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/);
  });

  bundle(`of ${env} is rendered from its env.toml alone, byte for byte`, () => {
    const read = parseEnvironment(fileOf(made, 'env.toml'));
    if (read.problems) throw new Error(JSON.stringify(read.problems));
    const again = renderBundle(read.document);
    assert.is(again.name, made.bundle.name);
    assert.equal(again.files, made.bundle.files);
  });

  bundle(`of ${env} knows the settings behind its lines`, () => {
    for (const file of made.bundle.files) {
      assert.is(file.lines.length, file.content.split('\n').length - 1, file.path);
      for (const key of file.lines.flat())
        assert.ok(made.leaves.has(key) || key.startsWith('bundle') || !key.includes('.') || isOptional(key), key);
    }
  });
}

/** Keys that may be left out, and tables, which have no leaf of their own. */
const isOptional = (key: string) =>
  /^services\.[a-z]+(\.(port|reads|environment))?$/.test(key) || key.startsWith('app');

bundle('has no rules where the firewall is off', () => {
  const made = promotion(`${minimal}[env.dev.security]\nfirewall_enabled = false`, 'dev');
  assert.not.ok(made.bundle.files.some(file => file.path.startsWith('nftables/')));
});

bundle('has a unit for each enabled service, and for no other', () => {
  const text = `[services.a]\ncommand = "a"\n[services.b]\ncommand = "b"\nenabled = false\n`;
  const units = promotion(text)
    .bundle.files.map(file => file.path)
    .filter(path => path.startsWith('systemd/'));
  assert.equal(units, ['systemd/acme-prod-a.service', 'systemd/acme-prod.target']);
});

bundle.run();

const environment = suite('parseEnvironment');

for (const [what, text, message] of [
  ['what is no TOML', 'a = "', /not valid TOML/],
  ['a local.toml', template, /\[bundle\] is missing/],
  ['a value that is not allowed', '[bundle]\norg = "a"\n[ports]\nx = 0', /ports\.x must be a port/],
] as const)
  environment(`refuses ${what}`, () => {
    assert.match(JSON.stringify(parseEnvironment(text).problems?.map(problem => problem.message)), message);
  });

environment.run();
