import tailwindcss from "@tailwindcss/vite";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build, type Plugin } from "vite";
import { defineConfig } from "vitest/config";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The field app's service worker is a build of its own: one file, whoever builds and however. */
const worker: Plugin = {
  name: "field-worker",
  apply: "build",
  closeBundle: async () => void (await build({ configFile: at("vite.worker.config.ts"), logLevel: "warn" })),
};

/** A copy of each text file that is a sixth smaller than gzip's: the web process sends it to whoever takes it. */
const brotli: Plugin = {
  name: "brotli-copies",
  apply: "build",
  closeBundle: {
    order: "post",
    sequential: true,
    handler: () => {
      const dist = at("../src/linli/ui/static/dist");
      const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
      for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
        const path = join(dist, name);
        if (!/\.(js|css|svg|json)$/.test(name) || statSync(path).size < 1000) continue;
        writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path), options));
      }
    },
  },
};

export default defineConfig({
  // Relative, so that lazy chunks and the map's worker load from wherever Django serves static files.
  base: "./",
  plugins: [tailwindcss(), worker, brotli],
  worker: { format: "es" },
  build: {
    outDir: at("../src/linli/ui/static/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    // Tailwind 4 itself needs no older browser than these.
    target: ["chrome111", "safari16.4", "firefox128"],
    // A data: URI would need a wider content-security-policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      input: {
        app: at("src/app.ts"),
        map: at("src/map.ts"),
        live: at("src/live.ts"),
        field: at("src/field.ts"),
        cockpit: at("src/cockpit.ts"),
      },
    },
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"], testTimeout: 120_000 },
});
