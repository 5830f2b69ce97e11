/** Asks for a table file with the system's own dialog. */
import type { App } from '../app/app.svelte.ts';

export function pickTable(app: App): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.csv,.tsv,.txt,.xlsx';
  input.onchange = () => {
    const [file] = input.files ?? [];
    if (file) void app.openTable(file);
  };
  input.click();
}
