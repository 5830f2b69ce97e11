import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/**
 * The place in the page's head for the nonce, fresh with every response, with which CodeMirror signs
 * its style elements.
 */
const head: Plugin = {
  name: 'flopsheet-head',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { name: 'csp-nonce', content: '__CSP_NONCE__' }, injectTo: 'head-prepend' },
  ],
};

/** The renderer as static files: the same bundle for the web host and for Electron. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  plugins: [svelte(), head],
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
