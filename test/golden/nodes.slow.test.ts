/** The recorded addresses, from the built command, on other versions of Node and in other surroundings. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { skipped } from '../support/needs.js';
import nodes from '../support/nodes.json';
import { Sandbox, tsmPath } from '../support/sandbox.js';

const here = import.meta.dirname ?? __dirname;
const addresses: Record<string, string> = JSON.parse(readFileSync(join(here, 'addresses.json'), 'utf8'));
const installed = resolve(here, '../../node_modules/.cache/nodes/node_modules');

const surroundings: Record<string, string>[] = [
  {},
  { TZ: 'Pacific/Chatham', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
  { TZ: 'America/St_Johns', LC_ALL: 'C', LANGUAGE: 'ja' },
];

const test = suite('the same bundle');

for (const major of Object.keys(nodes)) {
  const node = join(installed, `node${major}/bin/node`);
  const title = `on Node ${major}, under other time zones, locales and umasks`;
  if (!existsSync(node) && process.env.CI !== 'true') {
    skipped.push({ what: title, reason: 'TETRA_TEST_INSTALL=1 npm test installs other versions of Node' });
    test.skip(title, () => {});
    continue;
  }
  test(title, () => {
    assert.match(execFileSync(node, ['--version'], { encoding: 'utf8' }), `v${major}.`);
    const box = new Sandbox();
    box.org('acme', readFileSync(join(here, 'template.toml'), 'utf8'));
    box.org('orchard', readFileSync(resolve(here, '../../docs/examples/orchard/local.toml'), 'utf8'));
    let runs = 0;
    for (const env of surroundings)
      for (const [name, bundle] of Object.entries(addresses)) {
        const [org = '', environment = ''] = name.split(' ');
        const out = join(box.home, `out-${runs++}`);
        const command = `umask ${runs % 2 ? '077' : '000'}; exec "$0" "$@"`;
        const args = ['org', 'render', environment, '--org', org, '--out', out, '--json'];
        const options = {
          env: { ...box.environment(), ...env },
          encoding: 'utf8' as const,
          cwd: runs % 2 ? '/' : box.home,
        };
        const printed = execFileSync('sh', ['-c', command, node, tsmPath, ...args], options);
        assert.is(JSON.parse(printed).bundle, bundle, `${name} with ${JSON.stringify(env)}`);
      }
    box.remove();
  });
}

test.run();
