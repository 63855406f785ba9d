/** Paths inside of a folder, as a bundle or an archive names them. */

import { hasControls } from './text.js';

/** Bytes. A name has at most 255 on every file system that we know (NAME_MAX in limits.h(0p)). */
const maxName = 255;
const maxPath = 1024;

/** `null` where it names a file below a folder in one way only: `store/a/b`, with no way out. */
export function relativePathProblem(path: string): string | null {
  if (hasControls(path) || path.includes('\\')) return 'holds a backslash, a control or an invisible character';
  if (Buffer.byteLength(path) > maxPath) return `is longer than ${maxPath} bytes`;
  const names = path.split('/');
  if (names.some(name => name === '' || name === '.' || name === '..')) return 'is no plain relative path';
  return names.some(name => Buffer.byteLength(name) > maxName) ? `has a name longer than ${maxName} bytes` : null;
}
