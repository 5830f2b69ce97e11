import { readPref, writePref } from './prefs.svelte.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';

const dark = matchMedia('(prefers-color-scheme: dark)');

class Theme {
  choice = $state<ThemeChoice>(readPref<ThemeChoice>('theme', 'system'));
  system = $state(dark.matches);
  readonly shown = $derived(this.choice === 'system' ? (this.system ? 'dark' : 'light') : this.choice);

  constructor() {
    dark.addEventListener('change', (event) => {
      this.system = event.matches;
      this.apply();
    });
    this.apply();
  }

  set(choice: ThemeChoice): void {
    this.choice = choice;
    writePref('theme', choice);
    this.apply();
  }

  toggle(): void {
    this.set(this.shown === 'dark' ? 'light' : 'dark');
  }

  private apply(): void {
    document.documentElement.dataset['theme'] =
      this.choice === 'system' ? (dark.matches ? 'dark' : 'light') : this.choice;
  }
}

export const theme = new Theme();
