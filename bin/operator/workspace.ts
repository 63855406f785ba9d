/** The operator's side of the world: where $TETRA_DIR is, which organization is meant, what its files say. */

import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { InvalidInput, TetraError } from '../../lib/errors.js';
import { orgNameProblem } from '../../lib/names.js';
import { nearest } from '../../lib/nearest.js';
import { isErrno, makeFolder, replaceLoosely } from '../../store/durable.js';
import { Layout, type OrgLayout } from '../../store/layout.js';
import { danglingLink, listOrgs } from '../../store/orgs.js';

export interface Workspace {
  readonly layout: Layout;
  /** `--org`, where it was given. */
  readonly asked: string | undefined;
}

export function openWorkspace(asked: string | undefined): Workspace {
  return { layout: new Layout(resolve(process.env.TETRA_DIR || join(homedir(), 'tetra'))), asked };
}

/** The organization that is meant: `--org`, `TETRA_ORG`, `tsm org use`, the only one there is. */
export function currentOrg({ layout, asked }: Workspace): OrgLayout {
  const named = asked ?? (process.env.TETRA_ORG || undefined) ?? usedOrg();
  const name = named ?? onlyOrg(layout);
  const bad = orgNameProblem(name);
  if (bad) throw new TetraError('usage', bad, { hint: 'tsm org list', facts: { org: name } });
  const org = layout.org(name);
  if (!statSync(org.root, { throwIfNoEntry: false })) {
    const target = danglingLink(layout, name);
    if (target !== null)
      throw new TetraError('unknown-org', `${org.root} leads to ${target}, which is not there any more`, {
        hint: `tsm org init ${name} --at PATH links it to where it is now`,
        facts: { org: name },
      });
    const near = nearest(name, listOrgs(layout));
    throw new TetraError('unknown-org', `there is no organization ${name} in ${layout.root}`, {
      hint: near ? `did you mean ${near}?` : `tsm org init ${name}`,
      facts: { org: name },
    });
  }
  return org;
}

function onlyOrg(layout: Layout): string {
  const all = listOrgs(layout);
  if (all.length === 1) return all[0] as string;
  if (all.length === 0)
    throw new TetraError('unknown-org', `there is no organization in ${layout.root} yet`, {
      hint: 'tsm org init NAME',
    });
  const hint = `tsm org use ${all[0]}, or --org, or export TETRA_ORG=${all[0]}; there are: ${all.join(', ')}`;
  throw new TetraError('unknown-org', 'no organization is chosen', { hint, facts: { orgs: all } });
}

const configFile = (): string => join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'tetra', 'org');

function usedOrg(): string | undefined {
  return readText(configFile())?.trim() || undefined;
}

/** What `tsm org use` remembers. */
export function useOrg(name: string): string {
  const file = configFile();
  makeFolder(dirname(file));
  replaceLoosely(file, `${name}\n`);
  return file;
}

export function unknownEnvironment(env: string, known: readonly string[]): TetraError {
  const near = nearest(env, known);
  const names = [...new Set(known)].join(', ');
  const hint = near
    ? `did you mean @${near}?`
    : `there are: ${names}; [env.NAME] extends = "staging" in local.toml makes another`;
  return new TetraError('unknown-environment', `there is no environment ${JSON.stringify(env)}`, {
    hint,
    facts: { env },
  });
}

/** As UTF-8, or an error that names the file; `undefined` where it is not there. */
export function readText(path: string): string | undefined {
  let bytes: Buffer;
  try {
    // Opening a named pipe would wait for somebody to write.
    const stat = statSync(path);
    if (!stat.isFile())
      throw new InvalidInput(path, '', [
        { message: `is a ${stat.isDirectory() ? 'folder' : 'device or pipe'}, not a file` },
      ]);
    bytes = readFileSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    const message = 'is not UTF-8 text';
    throw new InvalidInput(path, '', [{ message, hint: `iconv -t UTF-8 ${basename(path)} converts it` }]);
  }
}
