/**
 * Recorded addresses of known sources. A change that moves one is deliberate: it comes with a new bundle format (or a
 * change of what a profile says), a line in the changelog, and TETRA_UPDATE_GOLDEN=1.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { promotion } from '../support/sources.js';

const here = import.meta.dirname ?? __dirname;
const recorded = join(here, 'addresses.json');

const inputs: Record<string, { org: string; path: string; environments: string[] }> = {
  template: { org: 'acme', path: join(here, 'template.toml'), environments: ['dev', 'staging', 'prod'] },
  orchard: {
    org: 'orchard',
    path: resolve(here, '../../docs/examples/orchard/local.toml'),
    environments: ['dev', 'staging', 'prod', 'qa'],
  },
};

const test = suite('addresses');

test('of known sources are those that were recorded', () => {
  const addresses: Record<string, string> = {};
  for (const { org, path, environments } of Object.values(inputs))
    for (const env of environments)
      addresses[`${org} ${env}`] = promotion(readFileSync(path, 'utf8'), env, org).bundle.name;
  if (process.env.TETRA_UPDATE_GOLDEN === '1') writeFileSync(recorded, `${JSON.stringify(addresses, null, 2)}\n`);
  assert.equal(JSON.parse(readFileSync(recorded, 'utf8')), addresses);
});

test.run();
