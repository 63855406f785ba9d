/** A folder for PATH, where the user is `ana`, who is not root, and sudo(8) does as it is told. It has sh(1), too. */

import { chmodSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const programs = {
  allows: `#!/bin/sh
case "$1 $2" in
  "-n -l") exit 0 ;;
  -n*) shift; echo "as root: $*"; exec "$@" ;;
esac
`,
  refuses: `#!/bin/sh
echo "sudo: a password is required" >&2
exit 1
`,
};

export function sudoFolder(sudo: keyof typeof programs | 'missing'): string {
  const folder = mkdtempSync(join(tmpdir(), 'tetra-sudo-'));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  };
  write('id', '#!/bin/sh\n[ "$1" = -u ] && echo 1000 || echo ana\n');
  symlinkSync('/bin/sh', join(folder, 'sh'));
  if (sudo !== 'missing') write('sudo', programs[sudo]);
  return folder;
}
