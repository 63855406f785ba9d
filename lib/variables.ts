/** `${NAME}` in values. `$${NAME}` is the way to write it literally. */

const variable = /(\$?)\$\{([^}]*)\}/g;

/** The names that the text refers to, in order. */
export function variablesOf(text: string): string[] {
  const names: string[] = [];
  for (const [, escaped, name = ''] of text.matchAll(variable)) if (!escaped) names.push(name);
  return names;
}

/** Replaces the names that `lookup` knows; leaves the others, and what is escaped, for a later turn. */
export function expandSome(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(variable, (whole, escaped: string, name: string) => (escaped ? whole : (lookup(name) ?? whole)));
}

/** The last turn: replaces every known name, and takes the escape from `$${NAME}`. */
export function expandAll(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(variable, (whole, escaped: string, name: string) =>
    escaped ? whole.slice(1) : (lookup(name) ?? whole),
  );
}
