/**
 * The main job, end to end, in a temporary folder: a local.toml becomes environments, one of them reaches a server, and
 * what is broken goes back. Every line of output is that of the real command.
 */

import { chmodSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { promoteAcme, promoteOrchard } from './demo/environments.mjs';
import { deployAcme } from './demo/server.mjs';
import { Session } from './demo/session.mjs';

const demo = new Session();

await promoteAcme(demo);
await deployAcme(demo);
await promoteOrchard(demo);

demo.say('10. And it notices when something is not what it was.');
await demo.tsm('store verify');
const prod = demo.file('acme', 'prod');
demo.note(`somebody with root changes one character in ${prod}`);
const file = realpathSync(prod);
chmodSync(file, 0o644);
writeFileSync(file, readFileSync(file, 'utf8').replace('4096', '4097'));
chmodSync(file, 0o444);
await demo.tsm('store verify', 2);

demo.end('Start your own: bin/tsm org init my-company');
