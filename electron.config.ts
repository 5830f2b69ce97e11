/**
 * Build of the desktop host: `electron-vite build -c electron.config.ts`. Sources keep their folders under out/main, and
 * the files they read lie beside it, so a path relative to a source file is right in the checkout and in the package.
 * The page itself is built by renderer/vite.config.ts, for both hosts alike.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'electron-vite';

const ROOT = import.meta.dirname;
const READ_AT_RUN_TIME = ['migrations', 'assets', 'package.json'];

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node24',
      minify: false,
      rollupOptions: {
        input: [join(ROOT, 'src/host/electron/main.ts'), join(ROOT, 'src/worker/answer.ts')],
        output: {
          format: 'es',
          preserveModules: true,
          preserveModulesRoot: join(ROOT, 'src'),
          entryFileNames: ({ name }) => (name === 'host/electron/main' ? 'main.js' : '[name].js'),
        },
      },
    },
    plugins: [
      {
        name: 'flopsheet-files-read-at-run-time',
        closeBundle() {
          for (const name of READ_AT_RUN_TIME) cpSync(join(ROOT, name), join(ROOT, 'out', name), { recursive: true });
        },
      },
    ],
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: join(ROOT, 'src/host/electron/preload.ts'),
        output: { format: 'cjs', entryFileNames: 'preload.cjs' },
      },
    },
  },
});
