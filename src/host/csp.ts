/** The one content security policy, and the headers that go with it, of both hosts. */
import { randomBytes } from 'node:crypto';

/** Stands in the built index.html wherever a nonce belongs; each response gets a fresh one. */
export const NONCE_PLACEHOLDER = '__CSP_NONCE__';

/**
 * Everything comes from the app itself: no inline script, no eval, no other origin. CodeMirror adds style elements and
 * signs them with the nonce, which the page reads from `<meta name="csp-nonce">`. The nonce is good for styles only.
 */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "frame-src 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

export function createNonce(): string {
  return randomBytes(18).toString('base64');
}

/** Headers of every response, pages and data alike. */
export function securityHeaders(nonce: string): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(nonce),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()',
    'Cache-Control': 'no-store',
  };
}
