/**
 * A script for sh(1) as one command line that means the same to every login shell: sshd(8) hands the command to the
 * user's own, which may be fish or csh.
 */

/**
 * What a script finds ready:
 *
 * - `$TSM_CONNECTION`: what sshd(8) tells in SSH_CONNECTION, which sudo drops; empty on a local host.
 * - `tsm_root PROGRAM ARGUMENT...`: see `asRoot`. A program that is not there is told as such, since sudo would refuse it
 *   with the words and the exit code of a missing permission.
 */
const prelude = `
TSM_CONNECTION=\${SSH_CONNECTION-}
export TSM_CONNECTION
tsm_root() {
  if [ -n "\${TSM_ROOT-}" ] || [ "$(id -u)" = 0 ]; then
    "$@"
    return
  fi
  if ! PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null; then
    echo "$1: not found" >&2
    return 127
  fi
  sudo -n "$@"
  tsm_code=$?
  case $tsm_code in
    1 | 127) sudo -n -l "$@" >/dev/null 2>&1 || { echo "tsm_root refused: $(id -un)" >&2; exit 77; } ;;
  esac
  return $tsm_code
}
`;

/**
 * The script runs below this one, so that its end is told by an exit code also where a signal was its end: ssh(1) says
 * 255 then, which is also what it says of a lost connection.
 */
const program = `${prelude}
(
  tsm_script=$(printf %b "$2")
  set --
  eval "$tsm_script"
)
tsm_code=$?
[ $tsm_code = 255 ] && exit 254
exit $tsm_code
`;

/** The command line. The script has no arguments, its exit code 255 becomes 254, and who lists processes can read it. */
export function commandLine(script: string): string {
  return `exec sh -c 'eval "$(printf %b "$1")"' sh '${encoded(program)}' '${encoded(script)}'`;
}

/**
 * Runs a simple command as root: with `sudo -n` where the login user is another, as it stands on a local host. What the
 * shell expands in it, it expands as the login user. Where sudo refuses, the script ends (`refusedUser`).
 */
export function asRoot(command: string): string {
  return `tsm_root ${command}`;
}

/** Whom sudo refused, by what the script wrote to stderr; `null` where it refused nobody. */
export function refusedUser(stderr: string): string | null {
  return /^tsm_root refused: (.*)$/m.exec(stderr)?.[1] ?? null;
}

/**
 * For single quotes, and for the `%b` of printf(1). What some shell reads in single quotes as more than itself goes as
 * octal: a quote, a backslash (fish), `!` and the end of a line (csh).
 */
function encoded(text: string): string {
  const bytes = [...Buffer.from(text)];
  return bytes.map(byte => (isHarmless(byte) ? String.fromCharCode(byte) : octal(byte))).join('');
}

function isHarmless(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f && !"'\\!".includes(String.fromCharCode(byte));
}

const octal = (byte: number): string => `\\0${byte.toString(8).padStart(3, '0')}`;
