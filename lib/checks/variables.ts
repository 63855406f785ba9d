/** `${NAME}`: every one must be known to somebody. */

import { parseCommand } from '../command.js';
import { folderNames } from '../expand.js';
import { nearest } from '../nearest.js';
import { keyAt, sections } from '../schema/keys.js';
import { given, mainPid } from '../service.js';
import { dotted } from '../text.js';
import type { Leaf } from '../types.js';
import { variablesOf } from '../variables.js';
import type { Subject } from './subject.js';

export function checkVariables(subject: Subject) {
  for (const leaf of subject.leaves.values()) {
    const expands = (leaf.path[0] as string) in sections ? keyAt(leaf.path)?.kind.expands : undefined;
    if (!expands || expands === 'port' || typeof leaf.value !== 'string') continue;
    const text = expands === 'command' ? expandedIn(leaf.value) : leaf.value;
    const known = expands === 'path' ? folderNames : knownTo(subject, leaf.path);
    for (const name of variablesOf(text)) if (!known.includes(name)) addUnknown(subject, leaf, name, known);
  }
}

function knownTo(subject: Subject, path: readonly string[]): readonly string[] {
  if (path[0] !== 'services') return folderNames;
  const variables = given(subject.settings, subject.org, path[1] as string).map(variable => variable.name);
  return [...folderNames, ...variables, ...(path[2] === 'reload_command' ? [mainPid] : [])];
}

function addUnknown(subject: Subject, leaf: Leaf, name: string, known: readonly string[]) {
  const key = dotted(leaf.path);
  const message = `${key} refers to \${${name}}, which nothing sets`;
  if (subject.settings.list<string>('secrets.required').includes(name)) {
    const reason = 'a secret on a command line can be read by every user of the host';
    return subject.add(key, message, `${reason}: let the program read it from its environment`);
  }
  const near = nearest(name, known);
  const others = `known here: ${known.join(', ')}; for the text itself write $\${${name}}`;
  subject.add(key, message, near ? `did you mean \${${near}}?` : others);
}

/** Without what stands in single quotes or behind a backslash, where `${X}` is plain text. */
function expandedIn(line: string): string {
  const command = parseCommand(line);
  if ('problem' in command) return line;
  return command.words.flatMap(word => word.parts.map(part => (part.expand ? part.text : "'"))).join(' ');
}
