import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#2f6fed"/>' +
  '<path d="M4 4h8M4 8h8M4 12h5" stroke="#fff" stroke-width="1.6" stroke-linecap="round"/></svg>';

/**
 * What the host's page needs in its head: a place for the nonce, fresh with every response, with which CodeMirror signs
 * its style elements; and an icon, so that the browser asks for none.
 */
const head: Plugin = {
  name: 'flopsheet-head',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { name: 'csp-nonce', content: '__CSP_NONCE__' }, injectTo: 'head-prepend' },
    { tag: 'link', attrs: { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }, injectTo: 'head' },
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
