/**
 * Every screen of the app, once: the rail lists them, the palette opens them, the page loads them when they are first
 * shown. Adding a screen is one entry here.
 */
import type { Component } from 'svelte';
import type { IconName } from '../ui/icons.ts';
import type { OpenPlan } from './plan.svelte.ts';

export type Screen =
  | 'start'
  | 'overview'
  | 'sheet'
  | 'compare'
  | 'charts'
  | 'finance'
  | 'report'
  | 'models'
  | 'scaling'
  | 'layout'
  | 'serving'
  | 'calibrate'
  | 'catalog'
  | 'history'
  | 'help'
  | 'settings';

interface ScreenEntry {
  readonly label: string;
  readonly icon: IconName;
  /** What the palette says it is for, when the label alone does not. */
  readonly about?: string;
  /** The rail draws a line between sections. */
  readonly section: 'plan' | 'lab' | 'app';
}

export type ScreenInfo = ScreenEntry &
  (
    | { readonly needsPlan: true; readonly load: () => Promise<{ default: Component<{ plan: OpenPlan }> }> }
    | { readonly needsPlan: false; readonly load: () => Promise<{ default: Component }> }
  );

export const SCREENS: Readonly<Record<Screen, ScreenInfo>> = {
  start: {
    label: 'Plans',
    about: 'open, find, start from a template',
    icon: 'home',
    section: 'plan',
    needsPlan: false,
    load: () => import('../start/Start.svelte'),
  },
  overview: {
    label: 'Overview',
    about: 'key figures of the plan and its runs',
    icon: 'overview',
    section: 'plan',
    needsPlan: true,
    load: () => import('../overview/Overview.svelte'),
  },
  sheet: {
    label: 'Sheet',
    icon: 'sheet',
    section: 'plan',
    needsPlan: true,
    load: () => import('../grid/SheetScreen.svelte'),
  },
  compare: {
    label: 'Compare scenarios',
    icon: 'compare',
    section: 'plan',
    needsPlan: true,
    load: () => import('../scenarios/Compare.svelte'),
  },
  charts: {
    label: 'Charts',
    about: 'cost split, uncertainty, drivers, cash',
    icon: 'chart',
    section: 'plan',
    needsPlan: true,
    load: () => import('../charts/Charts.svelte'),
  },
  finance: {
    label: 'Finance',
    icon: 'finance',
    section: 'plan',
    needsPlan: true,
    load: () => import('../finance/Finance.svelte'),
  },
  report: {
    label: 'Reports and files',
    about: 'preview, PDF, workbook, tables as text, share, import',
    icon: 'report',
    section: 'plan',
    needsPlan: true,
    load: () => import('../report/Report.svelte'),
  },
  models: {
    label: 'Models',
    about: 'anatomy, side by side, what-if levers, ways to train',
    icon: 'models',
    section: 'lab',
    needsPlan: false,
    load: () => import('../labs/models/Models.svelte'),
  },
  scaling: {
    label: 'Scaling laws',
    about: 'how big, how many tokens, dense or MoE',
    icon: 'scaling',
    section: 'lab',
    needsPlan: false,
    load: () => import('../labs/scaling/Scaling.svelte'),
  },
  layout: {
    label: 'Layout',
    about: 'memory, step time and the fastest parallel layout',
    icon: 'layout',
    section: 'lab',
    needsPlan: false,
    load: () => import('../labs/layout/Layout.svelte'),
  },
  serving: {
    label: 'Serving',
    about: 'latency, throughput and cost of a deployment',
    icon: 'serving',
    section: 'lab',
    needsPlan: false,
    load: () => import('../labs/serving/Serving.svelte'),
  },
  calibrate: {
    label: 'Calibration',
    about: 'measure this machine, logs and profiles of real runs',
    icon: 'calibrate',
    section: 'lab',
    needsPlan: false,
    load: () => import('../labs/calibrate/Calibrate.svelte'),
  },
  catalog: {
    label: 'Catalog',
    about: 'chips, models, prices, regions and their sources',
    icon: 'catalog',
    section: 'lab',
    needsPlan: false,
    load: () => import('../catalog/Catalog.svelte'),
  },
  history: {
    label: 'History',
    about: 'every change, who and when',
    icon: 'history',
    section: 'app',
    needsPlan: true,
    load: () => import('../history/History.svelte'),
  },
  help: {
    label: 'Help',
    about: 'every column, the conventions, the keys',
    icon: 'help',
    section: 'app',
    needsPlan: false,
    load: () => import('../help/Help.svelte'),
  },
  settings: {
    label: 'Settings',
    about: 'currency, fiscal year, numbers, theme',
    icon: 'settings',
    section: 'app',
    needsPlan: false,
    load: () => import('../settings/Settings.svelte'),
  },
};

/** In the order of the rail. */
export const SCREEN_LIST = Object.entries(SCREENS) as readonly (readonly [Screen, ScreenInfo])[];
