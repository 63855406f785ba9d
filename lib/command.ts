/**
 * A command line as it stands in local.toml, split into words. The quoting is that of sh(1), so that what works in
 * a terminal works here; but no shell runs it, so what only a shell can do is refused instead of passed on as text.
 */

export type Command = { readonly words: readonly Word[] } | { readonly problem: string; readonly hint?: string };

const needsBraces = {
  problem: 'a variable needs braces',
  hint: 'write ${NAME}, or put it in single quotes where the dollar is meant',
};

export interface Word {
  readonly text: string;
  /** False for what stood in single quotes or behind a backslash: `${X}` is literal there. */
  readonly parts: readonly { readonly text: string; readonly expand: boolean }[];
}

const needsShell = {
  problem: 'a command is not run by a shell',
  hint: "write: sh -c '...', or quote what is meant as it stands",
};

export function parseCommand(line: string): Command {
  const words: Word[] = [];
  let parts: { text: string; expand: boolean }[] | null = null;
  const add = (text: string, expand: boolean) => {
    parts ??= [];
    const last = parts.at(-1);
    if (last && last.expand === expand) last.text += text;
    else parts.push({ text, expand });
  };
  const end = () => {
    if (parts) words.push({ text: parts.map(part => part.text).join(''), parts });
    parts = null;
  };
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string;
    if (char === ' ' || char === '\t') end();
    else if (char === "'") {
      const close = line.indexOf("'", i + 1);
      if (close < 0) return { problem: 'a single quote that is not closed' };
      add(line.slice(i + 1, close), false);
      i = close;
    } else if (char === '"') {
      const close = closingQuote(line, i + 1);
      if (close < 0) return { problem: 'a double quote that is not closed' };
      add('', true);
      for (let j = i + 1; j < close; j++) {
        // Inside double quotes a backslash is special before these four only.
        if (line[j] === '\\' && '"\\$`'.includes(line[j + 1] as string)) add(line[++j] as string, false);
        else if (line[j] === '`' || line.startsWith('$(', j)) return needsShell;
        else if (line[j] === '$' && /[A-Za-z_]/.test(line[j + 1] ?? '')) return needsBraces;
        else add(line[j] as string, true);
      }
      i = close;
    } else if (char === '\\') {
      if (i + 1 === line.length) return { problem: 'a backslash at the end' };
      add(line[++i] as string, false);
    } else if (char === '$' && /[A-Za-z_]/.test(line[i + 1] ?? '')) {
      return needsBraces;
    } else if (char === '~' && !parts && /^~(\/|\s|$)/.test(line.slice(i))) {
      return { problem: 'no shell is there to expand ~', hint: 'write ${TETRA_SRC}, ${TETRA_DIR} or an absolute path' };
    } else if (char === '*' || /^\{[^{}\s]*,[^{}\s]*\}/.test(line.slice(i))) {
      return { problem: 'no shell is there to expand * or {a,b}', hint: 'quote it where it is meant as it stands' };
    } else if ('|&;<>()`'.includes(char) || (char === '#' && !parts) || line.startsWith('$(', i)) {
      return needsShell;
    } else add(char, true);
  }
  end();
  const [program] = words;
  if (!program) return { problem: 'a command without a word' };
  if (/^[A-Za-z_]\w*=/.test(program.text))
    return { problem: 'a command begins with its program', hint: 'variables go to [services.NAME.environment]' };
  return { words };
}

function closingQuote(line: string, from: number): number {
  for (let i = from; i < line.length; i++) {
    if (line[i] === '\\') i++;
    else if (line[i] === '"') return i;
  }
  return -1;
}
