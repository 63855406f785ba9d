/** The bundle: what an environment is rendered to, and the address that proves it. */

import { address, sha256 } from './digest.js';
import { canonicalJson } from './json.js';
import { manifestPath, storeName } from './names.js';
import { renderEnv } from './render/env.js';
import { renderNftables } from './render/nftables.js';
import { renderSecrets } from './render/secrets.js';
import { renderSystemd } from './render/systemd.js';
import { Settings } from './settings.js';
import { byCodeUnits } from './text.js';
import { newTable } from './toml/values.js';
import type { Bundle, BundleFile, Table, Waiver } from './types.js';

/** Raised when the same settings give other files. It stands in every bundle and so moves every address. */
export const bundleFormat = 1;

/** The document that env.toml holds: the settings, and what else rendering needs. */
export function envDocument(settings: Table, org: string, profile: string, waivers: readonly Waiver[]): Table {
  const document = Object.assign(newTable(), settings);
  const bundle = newTable();
  bundle.format = bundleFormat;
  bundle.org = org;
  bundle.profile = profile;
  if (waivers.length > 0)
    bundle.accept = waivers.map(({ rule, reason }) => Object.assign(newTable(), { rule, reason }));
  document.bundle = bundle;
  return document;
}

/** Needs nothing but the document: a server that was only given env.toml renders the same bundle. */
export function renderBundle(document: Table): Bundle {
  const settings = new Settings(document);
  const org = settings.text('bundle.org');
  const env = settings.text('environment.name');
  const nftables = renderNftables(settings, org);
  const files = [
    renderEnv(document, org, env),
    ...renderSystemd(settings, org),
    ...(nftables ? [nftables] : []),
    renderSecrets(settings, org),
  ].sort((a, b) => byCodeUnits(a.path, b.path));
  const manifest = manifestFile(org, env, files);
  return { name: storeName(address(manifest.content), org, env), org, env, files: [manifest, ...files] };
}

function manifestFile(org: string, env: string, files: readonly BundleFile[]): BundleFile {
  const listed = files.map(({ path, content }) => ({
    path,
    mode: '0444',
    size: Buffer.byteLength(content),
    digest: sha256(content),
  }));
  const content = `${canonicalJson({ format: bundleFormat, org, env, files: listed })}\n`;
  return { path: manifestPath, content, lines: [[]] };
}
