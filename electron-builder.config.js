/**
 * Packaging of the desktop app (`npm run package`). The fuses switch off every way of running other code in its name; what
 * they are set to is asserted by test/host/packaging.test.ts. Nothing updates itself: a new version is installed by hand.
 *
 * @type {import('electron-builder').Configuration}
 */
export default {
  appId: 'app.flopsheet',
  productName: 'Flopsheet',
  directories: { output: 'dist', buildResources: 'assets/icons' },
  files: [
    'out/main/**',
    'out/preload/**',
    'out/renderer/**',
    'out/migrations/**',
    'out/assets/**',
    'out/package.json',
    'package.json',
    'LICENSE',
    'NOTICE.md',
    // Optional peers that nothing loads at run time.
    '!node_modules/typescript/**',
    '!node_modules/**/*.{md,map,ts,mts,cts}',
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
  fileAssociations: [
    {
      ext: 'flopsheet',
      name: 'Flopsheet plan',
      description: 'A plan of AI training runs',
      mimeType: 'application/x-flopsheet-plan',
      role: 'Editor',
    },
  ],
  linux: {
    target: ['AppImage', 'deb'],
    category: 'Office',
    icon: 'assets/icons/linux',
    maintainer: 'Flopsheet',
    synopsis: 'Plan AI training: FLOPs, time, memory, energy and money',
  },
  mac: {
    target: ['dmg'],
    category: 'public.app-category.business',
    icon: 'assets/icons/icon.icns',
    hardenedRuntime: true,
  },
  win: { target: ['nsis'], icon: 'assets/icons/icon.ico' },
  nsis: { oneClick: true, perMachine: false },
  publish: null,
};
