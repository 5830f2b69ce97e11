/** The conventions numbers in the app follow, in the words of the field. */
export interface Term {
  readonly term: string;
  readonly meaning: string;
}

export const TERMS: readonly Term[] = [
  { term: 'FLOP', meaning: 'One floating-point operation; a count. A multiply-add is 2 FLOP. Written 3.79×10²⁵ FLOP.' },
  {
    term: 'FLOP/s',
    meaning:
      'A rate: operations per second. “FLOPS” and “FLOPs” are used for both, so Flopsheet accepts neither and asks which is meant.',
  },
  {
    term: 'MAC',
    meaning:
      'A multiply-accumulate: 2 FLOP. Profilers and vision papers that report “GMACs”, and some that write “GFLOPs” for them, report half the FLOP.',
  },
  {
    term: 'MFU',
    meaning:
      'Model FLOP utilisation: the FLOP the mathematics needs, over the dense peak of the chips, while the job runs. Recomputation does not count as work.',
  },
  {
    term: 'HFU',
    meaning:
      'Hardware FLOP utilisation: every FLOP the chips execute counts, recomputed activations too, so it is at least the MFU.',
  },
  {
    term: 'Dense peak',
    meaning:
      'Rate of a chip on ordinary matrices: an H100 SXM does 989.4 TFLOP/s in bf16. Utilisation is always over this one.',
  },
  {
    term: 'Sparse peak',
    meaning:
      'Rate with 2:4 structured sparsity, twice the dense one and the larger number on data sheets. Training does not reach it; the two are never mixed here.',
  },
  {
    term: 'Dense model',
    meaning: 'Every parameter works on every token: total and active parameters are the same.',
  },
  {
    term: 'Mixture of experts',
    meaning:
      'A sparse model: a router sends each token through a few experts, so active parameters are a fraction of the total.',
  },
  {
    term: 'Active parameters',
    meaning: 'Parameters each token passes through; they set the FLOP. Vendors differ on whether embeddings count.',
  },
  { term: '6ND', meaning: '6 FLOP per active parameter and token, forward and backward. Leaves attention out.' },
  {
    term: 'Exact, causal',
    meaning: 'FLOP counted layer by layer with the causal half of attention. “Full” counts the whole square.',
  },
  {
    term: 'Goodput',
    meaning:
      'Share of billed chip-hours that make progress; failures, restarts and checkpoints take the rest. Never mixed with MFU.',
  },
  { term: 'Chip-hour', meaning: 'One chip for one hour. Not an hour: 1,024 chips for an hour are 1,024 chip-hours.' },
  {
    term: 'Usable memory',
    meaning: 'What software can allocate, in GiB. An “80 GB” H100 has about 79.6 GiB.',
  },
  { term: 'Central', meaning: 'Every input at its median. Central values add up; percentiles do not.' },
  {
    term: 'P10, P50, P90, P99',
    meaning: 'One sample in ten lies below P10, half below P50, one in ten above P90, one in a hundred above P99.',
  },
  {
    term: 'a to b',
    meaning:
      'A 90 % interval: P5 to P95. Lognormal when both ends are positive, logit-normal for fractions between 0 and 1, else normal.',
  },
  {
    term: 'Paired difference',
    meaning:
      'Two scenarios drawn with the same samples: its P10 to P90 are of the difference, not differences of percentiles.',
  },
  { term: 'Override', meaning: 'A typed value in place of a column’s formula. Marked; Delete restores the formula.' },
  {
    term: 'PUE',
    meaning: 'Power usage effectiveness: energy of the data centre over energy of the servers; 1.1 to 1.4 is usual.',
  },
];
