import { defineConfig } from "vite";

/** `npm run build` runs this. What it writes is served by the daemon, so it has no inline scripts and hashed names. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ["source"] },
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
