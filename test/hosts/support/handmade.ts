/** Bundles with what local.toml cannot say, and their activation past the operator's history. */

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { address, sha256 } from '../../../lib/digest.js';
import type { ActivationRequest, HostEvent, Verdict } from '../../../lib/host/activation.js';
import { canonicalJson } from '../../../lib/json.js';
import { manifestPath, storeName } from '../../../lib/names.js';
import type { BundleManifest } from '../../../lib/types.js';
import type { Site } from './site.js';

/** Puts a bundle of the operator's into the host's store, with one file changed; its name there. */
export async function putChanged(site: Site, bundle: string, path: string, edit: (text: string) => string) {
  const folder = site.sandbox.layout.object(bundle);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const manifest = JSON.parse(read(manifestPath)) as BundleManifest;
  const contents = new Map(manifest.files.map(file => [file.path, read(file.path)]));
  contents.set(path, edit(contents.get(path) as string));
  const files = [...contents].map(([name, content]) => {
    return { path: name, mode: '0444', size: Buffer.byteLength(content), digest: sha256(content) };
  });
  const list = `${canonicalJson({ ...manifest, files })}\n`;
  const name = storeName(address(list), manifest.org, manifest.env);
  const there = `/var/lib/tsm/store/${name}`;
  for (const [file, content] of [...contents, [manifestPath, list] as const])
    await site.host.put(`${there}/${file}`, content, 0o444);
  await site.host.sh(`find ${there} -type d -exec chmod 555 {} +`);
  return name;
}

/** Activates a bundle of the host's store as somebody does who sits at its console. */
export async function activateThere(site: Site, bundle: string): Promise<{ steps: string[]; verdict: Verdict }> {
  const request: ActivationRequest = {
    id: randomBytes(8).toString('hex'),
    org: 'acme',
    env: 'staging',
    bundle,
    generation: 100,
    by: 'somebody@console',
    roles: [],
    connection: null,
    confirm: 'none',
    confirmTimeout: 10,
    soak: 0,
  };
  const said = await site.host.sh('/usr/local/lib/tsm/host activate', { input: JSON.stringify(request) });
  const events = said.split('\n').map(line => JSON.parse(line) as HostEvent);
  const last = events.at(-1);
  if (last?.event !== 'verdict') throw new Error(said);
  return { steps: events.flatMap(event => (event.event === 'step' ? [event.step] : [])), verdict: last.verdict };
}
