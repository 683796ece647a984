// Takes every address out of package-lock.json: npm leaves "funding" links there even with
// omit-lockfile-registry-resolved. Versions and integrity hashes stay, and they are what `npm ci` checks.
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));
for (const entry of Object.values(lock.packages)) {
  delete entry.funding;
  delete entry.resolved;
}
const text = JSON.stringify(lock, null, 2) + "\n";
if (/https?:\/\//.test(text)) throw new Error("package-lock.json still holds an address");
writeFileSync(path, text);
