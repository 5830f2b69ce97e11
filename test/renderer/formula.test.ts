import { describe, expect, test } from 'vitest';
import { callAt, signatureParts } from '../../renderer/formula/call-at.ts';

describe('the call the caret stands in', () => {
  test.each([
    ['=min(tokens, |5)', 'min', 1],
    ['=min(max(1, 2|), 3)', 'max', 1],
    ['=min(max(1, 2), |3)', 'min', 1],
    ['=(tokens + |1)', undefined, undefined],
    ['=if("a,(b" = "x", |1, 2)', 'if', 1],
    ['=sum(runs.total_cost, (runs.chips + |1) > 2)', 'sum', 1],
    ['=min(1)|', undefined, undefined],
  ])('%s', (marked, name, argument) => {
    const at = marked.indexOf('|');
    const call = callAt(marked.replace('|', ''), at);
    expect(call?.name).toBe(name);
    expect(call?.argument).toBe(argument);
  });
  test('its argument stands apart in the signature; a last one may repeat', () => {
    expect(signatureParts('f(a, b) → USD', 1)).toEqual({ before: 'f(a,', now: ' b', after: ') → USD' });
    expect(signatureParts('f(a, b…)', 7).now).toBe(' b…');
    expect(signatureParts('f()', 0).now).toBe('');
  });
});
