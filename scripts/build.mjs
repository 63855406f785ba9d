// Builds dist/: the validators, compiled ahead of time, the command as one CommonJS file, and beside it
// packages that few commands need, the live renderer and the program for hosts.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  logLevel: 'warning',
};

/** Compiling a schema costs 70 ms, so it is done here and not at each start. */
async function buildValidators() {
  const out = 'dist/.json-schema.cjs';
  await build({ ...common, entryPoints: ['lib/schema/json-schema.ts'], outfile: out });
  const { sourceSchema, environmentSchema, manifestSchema } = require(`${root}${out}`);
  rmSync(`${root}${out}`);
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    unicode: false,
    messages: false,
    logger: false,
    code: { source: true, lines: true },
  });
  const schemas = { source: sourceSchema(), environment: environmentSchema(), manifest: manifestSchema() };
  for (const [name, schema] of Object.entries(schemas)) ajv.addSchema({ ...schema, $id: name });
  const code = standalone.default(ajv, { source: 'source', environment: 'environment', manifest: 'manifest' });
  writeFileSync(`${root}dist/validators.cjs`, code);
}

/** Packages that neither a promote nor a history needs: reading them, and the code cache with them, takes 3 ms. */
const apart = ['tar', 'toml-eslint-parser', 'zx/core'];

/** Each a file of its own, which bin/tsm requires. */
async function buildPackages() {
  await build({
    ...common,
    entryPoints: apart.map(name => ({ in: name, out: name })),
    outdir: 'dist/packages',
    outExtension: { '.js': '.cjs' },
    target: 'node20',
    minify: true,
    legalComments: 'none',
  });
}

const packagesApart = {
  name: 'packages-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: new RegExp(`^(${apart.join('|')})$`) }, ({ path }) => ({
      path: `../dist/packages/${path}.cjs`,
      external: true,
    })),
};

/** Loading node:crypto takes 3 ms, most of it for streams, and a history does without: the first call loads it. */
const lateCrypto = {
  name: 'late-crypto',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:crypto$/, namespace: 'file' }, () => ({ path: 'node:crypto', namespace: 'late' }));
    onLoad({ filter: /^node:crypto$/, namespace: 'late' }, () => ({
      contents: ['createHash', 'randomBytes']
        .map(name => `export const ${name} = (...values) => require('node:crypto').${name}(...values);`)
        .join('\n'),
    }));
  },
};

async function buildCommand() {
  await build({
    ...common,
    entryPoints: ['bin/tsm.ts'],
    outfile: 'dist/tsm.cjs',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    // A compiled script has no loader for import(); what is not in the bundle is a builtin, and require finds it.
    supported: { 'dynamic-import': false },
    external: ['#live'],
    plugins: [packagesApart, lateCrypto],
    // bin/tsm compiles it as this one function, in plain ASCII, without copying the text.
    charset: 'ascii',
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '})' },
  });
}

/** Ink loads React's developer tools, which are not here, where a user has set DEV=true. */
const withoutDevtools = {
  name: 'without-devtools',
  setup: ({ onLoad }) => onLoad({ filter: /\/ink\/build\/devtools\.js$/ }, () => ({ contents: '' })),
};

/**
 * React and ink, which are slow to load, for the commands that draw. Ink awaits its layout engine at the top level, so it
 * has to be a module; live.cjs is what the command, which has no import(), can require.
 */
async function buildLive() {
  await build({
    ...common,
    entryPoints: ['bin/ui/live.tsx'],
    outfile: 'dist/live.mjs',
    format: 'esm',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [withoutDevtools],
    // The CommonJS packages inside of it require builtins.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  writeFileSync(`${root}dist/live.cjs`, "exports.load = () => import('./live.mjs');\n");
}

/** The program that goes to hosts: one file that Debian 12's own Node runs. */
async function buildHost() {
  await build({
    ...common,
    entryPoints: ['bin/host.ts'],
    outfile: 'dist/host.cjs',
    target: 'node18',
    // require() is faster, and all that is loaded late is a builtin.
    supported: { 'dynamic-import': false },
    minify: true,
    legalComments: 'none',
    charset: 'ascii',
    banner: { js: '#!/usr/bin/env node' },
  });
}

/** Compiled code for this very Node, of the functions that a promote and a history run. */
function buildCodeCache() {
  const folder = mkdtempSync(join(tmpdir(), 'tsm-build-'));
  const env = { ...process.env, TETRA_DIR: folder };
  const tsm = (variables, ...args) =>
    execFileSync(process.execPath, [`${root}bin/tsm`, ...args], { env: { ...env, ...variables }, stdio: 'ignore' });
  const writing = { TSM_WRITE_CODE_CACHE: `${root}dist/tsm.cache` };
  try {
    tsm({}, 'org', 'init', 'warm');
    tsm(writing, 'org', 'promote', '@prod', '--org', 'warm');
    tsm(writing, 'org', 'history', '@prod', '--org', 'warm');
  } finally {
    execFileSync('chmod', ['-R', 'u+w', folder]);
    rmSync(folder, { recursive: true });
  }
}

mkdirSync(`${root}dist`, { recursive: true });
// The old cache goes before the code does: V8 would take it for any text of the same length.
rmSync(`${root}dist/tsm.cache`, { force: true });
await buildValidators();
await buildLive();
await buildHost();
await buildPackages();
await buildCommand();
buildCodeCache();
