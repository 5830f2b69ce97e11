/** Made-up runs to try the fit on: a known law with scatter, the same every time. */
const LAW = { E: 1.82, A: 480, B: 2100, alpha: 0.348, beta: 0.366 };
const BUDGETS = [3e18, 1e19, 3e19, 1e20, 3e20, 1e21];

export function exampleRuns(): string {
  const lines = ['params,tokens,loss'];
  BUDGETS.forEach((flop, b) => {
    const best = 0.11 * flop ** 0.5;
    for (let i = 0; i < 7; i++) {
      const params = best * 10 ** (-0.75 + 0.25 * i);
      const tokens = flop / (6 * params);
      const scatter = 1 + 0.002 * Math.sin(12.9898 * (7 * b + i + 1) * (i + 1.7));
      const loss = (LAW.E + LAW.A * params ** -LAW.alpha + LAW.B * tokens ** -LAW.beta) * scatter;
      lines.push(`${params.toPrecision(4)},${tokens.toPrecision(4)},${loss.toFixed(4)}`);
    }
  });
  return `${lines.join('\n')}\n`;
}
