import { FlopsheetError } from '../errors.ts';
import type { Layout, Recompute } from './layout.ts';
import { NO_OFFLOAD, SCHEDULES, layout } from './layout.ts';

/** Words of a layout as typed, and the fields they set. */
const WORDS: Readonly<
  Record<string, 'tp' | 'pp' | 'cp' | 'ep' | 'dp' | 'vp' | 'expertTp' | 'microbatch' | 'zero' | 'shardGroup'>
> = {
  tp: 'tp',
  pp: 'pp',
  cp: 'cp',
  ep: 'ep',
  dp: 'dp',
  vp: 'vp',
  etp: 'expertTp',
  mb: 'microbatch',
  zero: 'zero',
  hsdp: 'shardGroup',
};

/** Words for what lives in host memory instead of on the chip. */
const OFFLOADS = {
  offload_optimizer: 'optimizer',
  offload_activations: 'activations',
  offload_weights: 'weights',
} as const;

/**
 * Reads a layout as typed in a cell: `tp8 pp16 vp8 mb1 zero1`, in any order, `fsdp` for zero3, a schedule by its name,
 * `hsdp8` for state sharded over 8 ranks only, `nosp` without sequence parallelism, `offload_optimizer` (or `_activations`,
 * `_weights`) for what lives in host memory.
 * What is left out is 1 (`zero` too); `dp` is what the chips leave. Throws FlopsheetError naming the word.
 */
export function readLayout(text: string, chips: number, recompute: Recompute): Layout {
  const over: { -readonly [K in keyof Layout]?: Layout[K] } = { recompute };
  let offload = NO_OFFLOAD;
  for (const word of text
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((w) => w !== '')) {
    const found = /^([a-z]+)[-=]?(\d+)$/.exec(word);
    const field = found ? WORDS[found[1] ?? ''] : undefined;
    const schedule = SCHEDULES.find((s) => s === word);
    if (field === 'zero' && Number(found?.[2]) > 3) throw unread(word, text);
    if (field !== undefined) over[field] = Number(found?.[2]) as never;
    else if (word === 'fsdp') over.zero = 3;
    else if (word === 'nosp') over.sequenceParallel = false;
    else if (word in OFFLOADS) offload = { ...offload, [OFFLOADS[word as keyof typeof OFFLOADS]]: true };
    else if (schedule !== undefined) over.schedule = schedule;
    else throw unread(word, text);
  }
  const l = layout({ ...over, offload });
  return over.dp === undefined ? { ...l, dp: Math.max(1, Math.floor(chips / (l.tp * l.pp * l.cp)) || 1) } : l;
}

/** A layout as it may be typed; degrees of 1 are left out. */
export function writeLayout(l: Layout): string {
  const degrees = (['tp', 'pp', 'cp', 'ep', 'dp', 'vp'] as const).filter((d) => l[d] > 1).map((d) => `${d}${l[d]}`);
  if (l.expertTp > 1) degrees.push(`etp${l.expertTp}`);
  const usual = l.vp > 1 ? 'interleaved' : '1f1b';
  return [
    ...degrees,
    `mb${l.microbatch}`,
    `zero${l.zero}`,
    ...(l.shardGroup > 0 ? [`hsdp${l.shardGroup}`] : []),
    ...(l.schedule === usual ? [] : [l.schedule]),
    ...(l.tp > 1 && !l.sequenceParallel ? ['nosp'] : []),
    ...Object.entries(OFFLOADS).flatMap(([word, what]) => (l.offload[what] ? [word] : [])),
  ].join(' ');
}

function unread(word: string, text: string): FlopsheetError {
  return new FlopsheetError('layout-text', `"${word}" is no part of a layout.`, {
    where: text,
    hint: 'write for example tp8 pp16 vp8 mb1 zero1, or auto',
  });
}
