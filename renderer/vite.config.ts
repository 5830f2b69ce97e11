import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/** The host puts a fresh nonce here with every response; CodeMirror signs its style elements with it. */
const nonce: Plugin = {
  name: 'flopsheet-csp-nonce',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { name: 'csp-nonce', content: '__CSP_NONCE__' }, injectTo: 'head-prepend' },
  ],
};

/** The renderer as static files: the same bundle for the web host and for Electron. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  plugins: [svelte(), nonce],
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  server: { fs: { allow: ['..'] } },
});
