// Makes a fresh clone ready: the packages, the build and, where it is asked for, the tools that some tests need.
// Needs nothing but Node and npm.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  console.error(`tsm needs Node 20.12 or newer; this is ${process.version}`);
  process.exit(1);
}

/** A folder's or file's newest modification time, in ms; 0 where it is not there. */
function newest(path) {
  if (!existsSync(path)) return 0;
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  const times = readdirSync(path, { recursive: true }).map(name => statSync(join(path, name)).mtimeMs);
  return Math.max(0, ...times);
}

function run(command, args) {
  // What these print is of interest only when they fail; stdout belongs to the command that comes after.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status === 0) return;
  console.error(`${command} ${args[0]} failed${error ? `: ${error.message}` : ''}`);
  process.exit(1);
}

function prepare() {
  const installed = newest(join(root, 'node_modules/.package-lock.json'));
  if (installed < newest(join(root, 'package-lock.json'))) {
    console.error('installing packages (npm ci)');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    return;
  }
  const sources = ['bin', 'lib', 'profiles', 'store', 'scripts', 'package.json'].map(name => newest(join(root, name)));
  if (newest(join(root, 'dist/tsm.cjs')) < Math.max(...sources)) {
    console.error('building');
    run(process.execPath, ['scripts/build.mjs']);
  }
}

/** What tests judge our output with. Installed in CI, or where TETRA_TEST_INSTALL=1 asks for it; never otherwise. */
function installTools() {
  if (process.env.CI !== 'true' && process.env.TETRA_TEST_INSTALL !== '1') return;
  installDebianPackages();
  installNodes();
}

function installDebianPackages() {
  const tools = JSON.parse(readFileSync(join(root, 'test/support/tools.json'), 'utf8'));
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  const missing = Object.keys(tools).filter(tool => !folders.some(folder => existsSync(join(folder, tool))));
  if (missing.length === 0) return;
  console.error(`installing ${missing.join(', ')}`);
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing.map(tool => tools[tool])]);
}

/** Other versions of Node, as npm packages: the same source has to give the same bundle on each. */
function installNodes() {
  const folder = join(root, 'node_modules/.cache/nodes');
  if (process.platform !== 'linux' || existsSync(join(folder, 'node_modules'))) return;
  console.error('installing other versions of Node');
  const versions = JSON.parse(readFileSync(join(root, 'test/support/nodes.json'), 'utf8'));
  const names = Object.entries(versions).map(
    ([major, version]) => `node${major}@npm:node-linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}@${version}`,
  );
  mkdirSync(folder, { recursive: true });
  run('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--loglevel=error', ...names]);
}

prepare();
if (process.argv.includes('--tools')) installTools();
