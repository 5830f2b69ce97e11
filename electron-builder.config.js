/**
 * Packaging of the desktop app. The fuses switch off every way of running other code in its name; what they are set to
 * is asserted by test/host/packaging.test.ts.
 *
 * @type {import('electron-builder').Configuration}
 */
export default {
  appId: 'app.flopsheet',
  productName: 'Flopsheet',
  directories: { output: 'dist' },
  files: [
    'out/main/**',
    'out/preload/**',
    'out/renderer/**',
    'out/migrations/**',
    'out/assets/**',
    'out/package.json',
    'package.json',
    'LICENSE',
  ],
  asar: true,
  asarUnpack: ['**/*.node'],
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
  linux: { target: ['AppImage', 'deb'], category: 'Office' },
  mac: { target: ['dmg'], category: 'public.app-category.business', hardenedRuntime: true },
  win: { target: ['nsis'] },
  publish: null,
};
