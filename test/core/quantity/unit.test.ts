import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  base,
  compatible,
  divide,
  multiply,
  NONE,
  productType,
  raise,
  typeName,
} from '../../../src/core/quantity/dimension.ts';
import { parseUnit, unitLabel, unitNames } from '../../../src/core/quantity/unit.ts';

describe('units', () => {
  test.each([
    ['TFLOP/s', 1e12, 'FLOP/s'],
    ['USD/(chip·h)', 1 / 3600, 'USD/(chip·s)'],
    ['USD/chip/h', 1 / 3600, 'USD/(chip·s)'],
    ['kg/kWh', 1000 / 3.6e6, 'gCO2e/J'],
    ['GiB', 2 ** 30, 'byte'],
    ['Gbit/s', 1.25e8, 'byte/s'],
    ['MAC', 2, 'FLOP'],
    ['month', 730.5 * 3600, 's'],
    ['year', 8766 * 3600, 's'],
    ['W/chip', 1, 'J/(chip·s)'],
    ['token/s', 1, 'token/s'],
    ['m3', 1000, 'litre'],
    ['', 1, 'plain number'],
  ])('%s is %f %s', (text, scale, name) => {
    const unit = parseUnit(text);
    expect(unit.scale).toBeCloseTo(scale, 12);
    expect(typeName(unit)).toBe(name);
  });

  test.each([
    ['TFLOPS', /FLOP\/s/],
    ['FLOPs', /FLOP for a count/],
    ['B', /byte/],
    ['GBps', /"GB\/s"/],
    ['tokne', /did you mean "token"/],
    ['$', /USD/],
  ])('%s is refused with what to write', (text, hint) => {
    expect(() => parseUnit(text)).toThrow(expect.objectContaining({ code: 'UNIT', hint: expect.stringMatching(hint) }));
  });

  test('headers show one denominator', () => expect(unitLabel('FLOP/s/chip')).toBe('FLOP/(s·chip)'));
});

const dimension = fc
  .array(fc.tuple(fc.constantFrom('FLOP', 'byte', 's', 'J', 'chip', 'USD'), fc.integer({ min: -3, max: 3 })))
  .map((powers) => powers.reduce((product, [name, power]) => multiply(product, raise(base(name), power)), NONE));

describe('dimensions are a group, and the same dimension is the same object', () => {
  test('products', () =>
    fc.assert(
      fc.property(dimension, dimension, dimension, (a, b, c) => {
        expect(multiply(a, b)).toBe(multiply(b, a));
        expect(multiply(multiply(a, b), c)).toBe(multiply(a, multiply(b, c)));
        expect(divide(multiply(a, b), b)).toBe(a);
        expect(multiply(a, raise(a, -1))).toBe(NONE);
        expect(raise(raise(a, 2), 0.5)).toBe(a);
      }),
    ));

  test('every unit name parses to itself', () => {
    for (const name of unitNames()) expect(parseUnit(name).text).toBe(name);
  });
});

test('a chip-hour is not an hour', () => expect(parseUnit('chip·h').dimension).not.toBe(parseUnit('h').dimension));

test('kinds meet freely in products and never in sums', () => {
  const token = parseUnit('token');
  const param = parseUnit('param');
  const rate = parseUnit('token/s');
  expect(compatible(token, param)).toBe(false);
  expect(compatible(token, parseUnit(''))).toBe(true);
  expect(productType(token, param, 1)).toEqual({ dimension: NONE, kind: '' });
  expect(productType(token, parseUnit('s'), -1)).toEqual({ dimension: rate.dimension, kind: 'token' });
});
