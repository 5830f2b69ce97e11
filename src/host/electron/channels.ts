/** The only two channels between page and host. */
export const CALL_CHANNEL = 'flopsheet:call';
export const EVENT_CHANNEL = 'flopsheet:event';

/** Origin of the app's own scheme; there is no `file:` page anywhere. */
export const APP_SCHEME = 'flopsheet';
export const APP_HOST = 'app';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;
