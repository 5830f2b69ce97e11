import file from '../../../assets/fits/serving.json' with { type: 'json' };
import type { ServingFit } from './serving-fit.ts';
import { readServingFit } from './serving-fit.ts';

/** The fit that ships with the product (assets/fits/serving.json). */
export const SHIPPED_SERVING_FIT: ServingFit = readServingFit(file);
