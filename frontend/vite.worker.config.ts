import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The service worker is one file without imports: it is served from /field/sw.js, and no chunk lies beside that.
export default defineConfig({
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    outDir: at("../src/linli/ui/static/dist"),
    emptyOutDir: false,
    copyPublicDir: false,
    target: ["chrome111", "safari16.4", "firefox128"],
    lib: { entry: at("src/worker/field.ts"), formats: ["iife"], name: "linliWorker", fileName: () => "field-worker.js" },
  },
});
