/** What runs on the servers of the tests: four small services, each of which reads one number of the application's. */

import type { Host } from './host.js';

/** local.toml. */
export const source = `
[ports]
web = 3000

[services.web]
command = "node /opt/tetra/web.js"
reads = ["shop"]

[services.worker]
command = "/opt/tetra/worker"
reads = ["queue"]

[services.cache]
command = "/opt/tetra/cache"
reads = ["memory"]
reload_command = "kill -HUP \${MAINPID}"

[services.ledger]
command = "/opt/tetra/worker"
reads = ["books"]
restart_if_changed = false

[shop]
greeting = 1

[queue]
batch = 1

[memory]
entries = 1

[books]
currency = 1

[env.dev]
ports.offset = 100
deployment.tetra_src = "/opt/tetra"

[env.staging.security]
tls = "external"
`;

const programs = {
  /** Answers with its process and the number that it read when it began. */
  'web.js': `
const env = require('node:fs').readFileSync(process.env.TETRA_ENV_FILE, 'utf8');
const greeting = Number(/^greeting = (.*)$/m.exec(env)[1]);
const answer = JSON.stringify({ pid: process.pid, greeting });
require('node:http').createServer((_, response) => response.end(answer)).listen(Number(process.env.PORT));
`,
  worker: '#!/bin/sh\nexec sleep infinity\n',
  /** Says its number when it begins, and again when it is told to. */
  cache: `#!/bin/sh
say() { sed -n 's/^entries = /entries /p' "$TETRA_ENV_FILE"; }
trap say HUP
say
while :; do sleep infinity & wait $!; kill $!; done
`,
  /** Ends only when it is killed. */
  stubborn: `#!/bin/sh
trap '' TERM
while :; do sleep 1; done
`,
  /** Talks by itself at one port, and says again what it hears at another. */
  'lines.js': `
const { createServer } = require('node:net');
createServer(line => setInterval(() => line.write('.'), 100)).listen(4500);
createServer(line => line.pipe(line)).listen(4501);
process.on('uncaughtException', () => {});
`,
  /** Writes down a word. */
  note: '#!/bin/sh\necho "$1" >>/var/lib/tetra/notes\n',
  /** Ends at once. */
  broken: '#!/bin/sh\necho "no database" >&2\nexit 1\n',
};

/** With the accounts and folders that a staging server has. */
export async function installPrograms(host: Host) {
  await host.sh('useradd --system --user-group tetra && install -d -o tetra -g tetra -m 750 /var/lib/tetra');
  for (const [name, text] of Object.entries(programs)) await host.put(`/opt/tetra/${name}`, text, 0o755);
}

/** What a web service answers to somebody outside; `null` where it does not. */
export async function answers(
  host: Host,
  port = 3000,
): Promise<{ readonly pid: number; readonly greeting: number } | null> {
  try {
    const response = await fetch(`http://${host.address}:${port}/`, { signal: AbortSignal.timeout(2000) });
    return (await response.json()) as { pid: number; greeting: number };
  } catch {
    return null;
  }
}
