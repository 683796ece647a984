// Takes the drawings named in icons.txt out of lucide-static into src/linli/ui/data/icons.json, which the {% icon %} tag
// writes into the page: no request, no flash, and only what is used.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const here = new URL("..", import.meta.url);
const names = readFileSync(new URL("icons.txt", here), "utf8").split("\n").filter(Boolean);
const icons = {};
for (const name of names) {
  const path = new URL(`node_modules/lucide-static/icons/${name}.svg`, here);
  if (!existsSync(path)) {
    console.error(`no such icon in lucide-static: ${name}`);
    process.exitCode = 1;
    continue;
  }
  const body = readFileSync(path, "utf8").match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
  icons[name] = body.trim().replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>");
}
writeFileSync(new URL("../src/linli/ui/data/icons.json", here), JSON.stringify(icons, null, 1) + "\n");
console.log(`${Object.keys(icons).length} icons`);
