/**
 * What a table of layers without bias and norm columns leaves unsaid, by kind of network. Columns `bias` and `norm`
 * (0 or 1) in the file override this. Source: the reference implementations (torchvision 0.28).
 */
export interface LayerConvention {
  /** Convolutions have a bias. */
  readonly convBias: boolean;
  /** Convolutions are followed by a norm whose scale and shift are counted with them. */
  readonly convNorm: boolean;
}

/** First match on the model's name decides; networks with attention or layer norms have biases and no batch norm. */
const BY_NAME: readonly [RegExp, LayerConvention][] = [
  [/^vgg\d*_?bn/i, { convBias: true, convNorm: true }],
  [/^(vgg|alexnet|squeezenet)/i, { convBias: true, convNorm: false }],
];

/** Convention for a model: by name, then by whether it holds attention or layer norms, else convolution and batch norm. */
export function conventionFor(model: string, normalisesLayers: boolean): LayerConvention {
  const named = BY_NAME.find(([pattern]) => pattern.test(model));
  if (named !== undefined) return named[1];
  return normalisesLayers ? { convBias: true, convNorm: false } : { convBias: false, convNorm: true };
}
