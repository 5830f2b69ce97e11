import { readPref, writePref } from './prefs.svelte.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';

const dark = matchMedia('(prefers-color-scheme: dark)');
const print = matchMedia('print');

class Theme {
  choice = $state<ThemeChoice>(readPref<ThemeChoice>('theme', 'system'));
  system = $state(dark.matches);
  printing = $state(print.matches);
  /** Paper is light whatever the screen is. */
  readonly shown = $derived(
    this.printing ? 'light' : this.choice === 'system' ? (this.system ? 'dark' : 'light') : this.choice,
  );

  constructor() {
    dark.addEventListener('change', (event) => {
      this.system = event.matches;
      this.apply();
    });
    print.addEventListener('change', (event) => {
      this.printing = event.matches;
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
    document.documentElement.dataset['theme'] = this.shown;
  }
}

export const theme = new Theme();
