export type { Client } from '../../src/bridge/client.ts';

/** What a failed call tells the user. Anything without a code is shown as it came. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly where: string;
}

/** Reads the code, message and hint of whatever a call threw. */
export function failureOf(error: unknown): Failure {
  const source = (error ?? {}) as Partial<Failure>;
  return {
    code: typeof source.code === 'string' ? source.code : 'INTERNAL',
    message: typeof source.message === 'string' && source.message !== '' ? source.message : 'Something went wrong.',
    hint: typeof source.hint === 'string' ? source.hint : '',
    where: typeof source.where === 'string' ? source.where : '',
  };
}

/** Offers data as a file the browser saves. */
export function saveFile(name: string, mediaType: string, data: BlobPart): void {
  const url = URL.createObjectURL(new Blob([data], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
