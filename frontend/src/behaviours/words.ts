/**
 * The few words that scripts show come from the page (a JSON block written by the server in the page's language),
 * so that every translation lives in one place.
 */
let words: Record<string, string> | undefined;

export function word(key: string, values: Record<string, string | number> = {}): string {
  if (!words) {
    const block = document.getElementById("linli-words");
    words = block ? (JSON.parse(block.textContent ?? "{}") as Record<string, string>) : {};
  }
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** For tests and for pages that swap their language. */
export function forgetWords(): void {
  words = undefined;
}
