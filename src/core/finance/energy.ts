import { FlopsheetError } from '../errors.ts';

/** What turns chip-hours into wall energy. All factors are dimensionless but `chipW` (W per chip). */
export interface WallPower {
  chipW: number;
  /** server power over chip power: host, NIC, fans; 1 when `chipW` already holds them */
  serverOverhead: number;
  /** average draw over rated draw while training */
  loadFactor: number;
  pue: number;
}

export interface EnergyPart {
  part: 'chips' | 'load' | 'server' | 'site';
  factor: number;
  /** kWh after this factor */
  kwh: number;
}

/**
 * Wall energy (kWh) of chip-hours: chip-h x W x load x server overhead x PUE / 1000. Throws `energy_input` for a
 * negative or unknown factor or a PUE below 1. Source: Patterson et al. 2021 (arXiv 2104.10350) section 2 with host
 * and load made explicit.
 */
export function wallKwh(chipHours: number, power: WallPower): number {
  checkPower(chipHours, power);
  return (chipHours * power.chipW * power.loadFactor * power.serverOverhead * power.pue) / 1000;
}

/** The same with what each factor adds: the chips' rated energy, then load, server, site. */
export function explainKwh(chipHours: number, power: WallPower): EnergyPart[] {
  checkPower(chipHours, power);
  const rated = (chipHours * power.chipW) / 1000;
  const loaded = rated * power.loadFactor;
  const server = loaded * power.serverOverhead;
  return [
    { part: 'chips', factor: 1, kwh: rated },
    { part: 'load', factor: power.loadFactor, kwh: loaded },
    { part: 'server', factor: power.serverOverhead, kwh: server },
    { part: 'site', factor: power.pue, kwh: server * power.pue },
  ];
}

/** Peak power (kW) a site must supply for chips at full load. */
export function siteKw(chips: number, power: WallPower): number {
  checkPower(chips, power);
  return (chips * power.chipW * power.serverOverhead * power.pue) / 1000;
}

function checkPower(amount: number, power: WallPower): void {
  const { chipW, serverOverhead, loadFactor, pue } = power;
  const bad = [
    ['chip-hours or chips', amount, 0],
    ['chip power', chipW, 0],
    ['server overhead', serverOverhead, 0],
    ['load factor', loadFactor, 0],
    ['PUE', pue, 1],
  ].find(([, value, least]) => !((value as number) >= (least as number)) || !Number.isFinite(value as number));
  if (bad) {
    throw new FlopsheetError('energy_input', `The ${bad[0]} of an energy figure is ${bad[1]}.`, {
      hint: `Give ${bad[2]} or more; unknown is not counted as 0.`,
      where: String(bad[0]),
    });
  }
}
