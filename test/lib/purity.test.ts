/** Nothing but its arguments may reach what lib and profiles compute, or two machines make two bundles of one source. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const root = resolve(import.meta.dirname ?? __dirname, '../..');
const files = ['lib', 'profiles'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(root, folder, name)),
);

/** Code without its comments, which may name what the code must not use. */
const codeOf = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');

const purity = suite('purity');

purity('finds the sources', () => {
  assert.ok(files.length > 40);
});

for (const [what, pattern] of [
  ['random numbers', /Math\.random|randomBytes|randomUUID|getRandomValues/],
  ['a clock', /\b(Date|performance|hrtime|setTimeout|setInterval)\b\s*[.(]|new Date\b/],
  ['the locale', /\b(localeCompare|toLocale\w*|Intl)\b/],
  ['the process', /\bprocess\b\s*\./],
  ['the network', /\bfetch\(/],
  ['the world around', /\b(globalThis|require|eval)\b|new Function/],
] as const)
  purity(`never uses ${what}`, () => {
    const users = files.filter(file => pattern.test(codeOf(readFileSync(file, 'utf8'))));
    assert.equal(
      users.map(file => relative(root, file)),
      [],
    );
  });

purity('takes only hashing and path arithmetic from the platform, and nothing from the floors above', () => {
  const foreign = files.flatMap(file => {
    const specifiers = [...codeOf(readFileSync(file, 'utf8')).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)];
    return specifiers.map(match => match[1] as string).filter(name => !isAllowed(name, file));
  });
  assert.equal(foreign, []);
});

const packages = ['smol-toml', 'toml-eslint-parser', 'fastest-levenshtein', 'ipaddr.js', 'xxhash-wasm'];

function isAllowed(name: string, file: string): boolean {
  if (name.startsWith('.')) return /^(lib|profiles)\//.test(relative(root, resolve(file, '..', name)));
  return ['node:crypto', 'node:path/posix', '#validators', ...packages].includes(name);
}

purity.run();
