/** A folder stands for a server: it takes a generation, does not take a broken one, and goes back. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Session } from './session.mjs';

/** What the application itself refuses. */
const check = `pool=$(sed -n 's/^pool = //p' "$TETRA_ENV_FILE")
[ "$pool" -le 100 ] || { echo "the database takes 100 connections, not $pool" >&2; exit 1; }
`;

export async function deployAcme(demo: Session) {
  const local = demo.file('acme', 'local');
  const ownCheck = join(demo.folder, 'acme/check.sh');
  const server = join(demo.folder, 'web1');

  demo.say('7. To a server: here a folder stands for one, over ssh it is the same.');
  demo.append(demo.manifest('acme'), '[hosts.web1]', `address = "local:${server}"`, 'env = "dev"');
  mkdirSync(dirname(ownCheck));
  writeFileSync(ownCheck, check);
  await demo.run('cat', ownCheck);
  demo.edit(local, '[app] pool = 20', text => text.replace('[app]\n', '[app]\npool = 20\n'));
  demo.append(local, '[services.tetra.health]', `command = "sh ${ownCheck}"`);
  await demo.tsm('org promote @dev -m "a check of our own"');
  await demo.tsm('org ship @dev');
  await demo.tsm('org activate @dev');
  await demo.run('find', join(server, 'etc'), '!', '-type', 'd');
  const current = join(server, 'var/lib/tsm/acme-dev/current');
  await demo.run('readlink', current);

  demo.say('8. What is broken takes itself back, before anybody has to look.');
  demo.edit(local, '[app] pool = 500', text => text.replace('pool = 20', 'pool = 500'));
  await demo.tsm('org deploy @dev -m "more connections"', 3);
  await demo.run('readlink', current);
  await demo.tsm('org status @dev', 4);
  await demo.tsm('org rollback @dev --activate');
  await demo.tsm('org status @dev');
  await demo.tsm('org history @dev');
}
