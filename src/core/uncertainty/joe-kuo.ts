/**
 * Sobol direction numbers of Joe and Kuo for the first 1,000 dimensions, packed and decoded one dimension at a time.
 *
 * Source: S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci.
 * Comput. 30, 2635-2654 (2008); file new-joe-kuo-6.21201, https://web.maths.unsw.edu.au/~fkuo/sobol/.
 *
 * The numbers carry this licence:
 *
 * Copyright (c) 2008, Frances Y. Kuo and Stephen Joe
 * All rights reserved.
 *
 * Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
 * following conditions are met:
 *     * Redistributions of source code must retain the above copyright notice, this list of conditions and the
 *       following disclaimer.
 *     * Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
 *       following disclaimer in the documentation and/or other materials provided with the distribution.
 *     * Neither the names of the copyright holders nor the names of the University of New South Wales and the
 *       University of Waikato and its contributors may be used to endorse or promote products derived from this
 *       software without specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT
 * LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT
 * SHALL THE COPYRIGHT HOLDERS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
 * DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR
 * BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT
 * (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE
 * POSSIBILITY OF SUCH DAMAGE.
 */

/** How many dimensions have direction numbers; they are numbered from 0 (van der Corput). */
export const SOBOL_DIMENSIONS = 1000;

/** One row of the published table: degree `s`, inner polynomial coefficients `a`, initial odd numbers `m`. */
export interface JoeKuoRow {
  readonly s: number;
  readonly a: number;
  readonly m: readonly number[];
}

/**
 * The row of a dimension numbered from 0, as published (their column d is `dimension + 1`); dimension 0 has none and
 * gives s = 0. Throws a RangeError outside 0..999.
 */
export function joeKuoRow(dimension: number): JoeKuoRow {
  if (!(Number.isInteger(dimension) && dimension >= 0 && dimension < SOBOL_DIMENSIONS)) {
    throw new RangeError(`Sobol dimension ${dimension} is not in 0..${SOBOL_DIMENSIONS - 1}`);
  }
  if (dimension === 0) return { s: 0, a: 0, m: [] };
  let at = dimension - 1;
  let group = 0;
  while (at >= TABLE[group]![1]) at -= TABLE[group++]![1];
  const [s, , perLine, lines] = TABLE[group]!;
  const width = Math.ceil(((s - 1) * (s + 2)) / 12);
  const record = lines[Math.floor(at / perLine)]!;
  let bit = (at % perLine) * width * 6;
  const take = (bits: number): number => {
    let value = 0;
    for (let i = 0; i < bits; i++, bit++) {
      const sextet = ALPHABET.indexOf(record[Math.floor(bit / 6)]!);
      value = value * 2 + ((sextet >> (5 - (bit % 6))) & 1);
    }
    return value;
  };
  const a = take(s - 1);
  const m: number[] = [];
  for (let i = 0; i < s; i++) m.push(take(i) * 2 + 1);
  return { s, a, m };
}

/**
 * The 32 direction numbers of a dimension (numbered from 0) as 32-bit integers, most significant bit first: the
 * recurrence of Joe and Kuo (2008), equation 2. Throws a RangeError outside 0..999.
 */
export function directionNumbers(dimension: number): Int32Array {
  const { s, a, m } = joeKuoRow(dimension);
  const v = new Int32Array(32);
  for (let k = 0; k < 32; k++) {
    if (s === 0) v[k] = 1 << (31 - k);
    else if (k < s) v[k] = m[k]! << (31 - k);
    else {
      let next = v[k - s]! ^ (v[k - s]! >>> s);
      for (let j = 1; j < s; j++) if ((a >> (s - 1 - j)) & 1) next ^= v[k - j]!;
      v[k] = next;
    }
  }
  return v;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * One entry per degree: [s, rows, rows a line, lines]. A row is a bit string, padded to whole characters of six bits:
 * `a` in s - 1 bits, then each (m_i - 1) / 2 in i - 1 bits.
 */
const TABLE: readonly (readonly [s: number, rows: number, perLine: number, lines: readonly string[]])[] = [
  [1, 1, 1, ['']],
  [2, 1, 100, ['w']],
  [3, 2, 100, ['Yg']],
  [4, 2, 50, ['JImw']],
  [5, 6, 33, ['JKARIgd2QtAA0FQ7Lw']],
  [6, 6, 25, ['DYeAaPSghNuAmOYgtOzAylPg']],
  [7, 18, 20, ['B9s-YE-Y8QHOOL4I0BjQOmSOoTi3x4VVmjwcxE0QfeBIAg6ZLolMxygp2sDYq5bpAyhLUQ3SuAw4bD3o7cbzA-qHaA']],
  [8, 16, 16, ['HT-Zj0K7_19gLSqWb4TS7WMIXv0WgsY84-BOZQSUHMaKSo6ccehCy4h0uSdGjevPsaqEK_Dgwg3Vywz9whJG5xb_3U9FLVqE']],
  [
    9,
    48,
    12,
    [
      'CMuQvW7wDbRBsEIgEAomWCqwFosOez-QGRVQ-0WwLFUdhztQL15soDvwNO_TTEbgNwbPvvKQO1vO2MUAPjsumrgAQxa198kg',
      'SnVG4noQUUoNQBQQUnrHB97QV8EqDKBQWzvMN_8wXqC_YtPwZyQT6_dgaE7el5kAbVY11b9QeggMNorAfDw5yDEAiZTrRnVw',
      'ioHa__GAj8d9pVmAkUQC58SgmCi4OGTwnRTLpGcAp6t74yhwrdFwydOQsGLt8j0QtSrFo2JQtnzLC84gueUMeN4Av55mmsBw',
      'wgAhJIvQx53qcG8Q2mZbVB1w3KSiXhrg460amdlA5TFQN4Tg5v84heag6mE3IpbA7LpaW4fA8cbqD-7w9ElEs6bA_a-kg9SQ',
    ],
  ],
  [
    10,
    60,
    11,
    [
      'Ak5CS4t7lBrRTf_obzCcaDr-NkrCxyXD4Wp7GX0mEQglwG-U9DKT9SICP_HKs-KIrjTBL_BUMUdIwE5_ENfAvjbqQ_Oaoepdsun',
      'PNyeJYC4RP7bufX6DqQ0mEjONTARm33yOCaqSJP8-rW0TTHDchncNhTwdG0Wa3iUKkZWdpxGVfbWtCIFyWvF8hjJcdYRsXua3ZO',
      'Y9SqVMqnJZaL7yQ8c4aGgLOL1kpcfZYOm0MmeVZU_PQVmffcL6QoH4fpyzKznqYhJnBvLuYkhUgO6FbiBiU1T-07dpjbMf5WDGC',
      'kPywyaj4kk6Tcfh7RYlpe_uL6DxnhFuAvjALn5-bEZNsvokZpZ-4iZrVObIS1ABsA2IgLd7OtLe4xoNVrt-FiVKPusv1a-TV3-h',
      'xZ7DOB_nNx3BPXnbz6yBYVEknMuzlxA708f00ZTJB8kul03YJt-WUm1QgM2xRbN1k98dhr4l2K_KT_X6u31U2elsfq42ye1jIwA',
      '5MusqaTXp7Fsj531wV9rlT9FRPP_Lz0X8y7a_gZhHY5ln',
    ],
  ],
  [
    11,
    176,
    9,
    [
      'AK_ccPTgQnUAv0V11Dt4jGBVc0bclk1LkBZZUGQ8mLWYCOAPQ617sTaDF6ICbtY2aODI3Qjri7YQYDjvKeEbpe4KD2xYrZngCA6',
      'EaMch2BrzhYEorQcc5W9tcE-_HBf0Xe_uFSBibYNEXgQFhwRnFEPRtiGdzMe7DjjDWGhmzqwmxRuEHAltPve6x1qHM83Su1rvD2',
      'HUXWbS4UY20Hr8hNSAW1XcIbhKx8k6X8qIm7ABDetXB-JIC5CbobgaUJQn3MiZuKewJ3otkE-2n34J5gIrjdpi5iKJllqw6MimE',
      'KTlGWjNY2oAKgpnd5Ionf6K3HuDCFO4wGLmrlXjX-p36Lr9BFIx7wSwL_Z-ILuXYjeMEeK_3yEsQwMcexlYyVJZKNX55lSiC5E-',
      'Nb2zZLIqBrGNz-W1ZdwYdmOOHmFTQUvjEOxrS0MuSo6WPKLBQYBSNsMPuJT8Js2txWQAxdd1RtKH8QMBZ8RVJWpSQn1EZBihRbE',
      'QqCq8hDjiqERRlGdYk91naSSRVOZ_KZZ8TBvdsbywVXyTZGaLGd9K1KTyYIdR5wuwwT9siwMLxeXcUKCo3oDEFzWUhQZX0zlqNi',
      'U64JG3iipsEVM0PY9NbyAwVUPP40nrGR2VlVatoCNGkQVpJA5fbFe5KWoev1MRi7U2W9bSeFX-ykgXSLUkbyaO2GXdFu_fWGJ7I',
      'Xi9msNMLyryX3e6otd--j8YHWgkE_hlpiYR538CAt-_KYh8TnzNMTn2ZlyWF1fzm_EZ9Sm-b0IVq4aBJE6sZ-_W0aUmWAslW2C6',
      'awhl1LpE0Aka8fGTfqbswwbIyHNl39Mf0bezviM_Tq3yb7832V7hUpScP7BR531bqYcWmmSkQ9QZCckRQQAgVSIWcpGTEFb15F-',
      'dfZiVSfTExsduAspQGFKb2d4-eO2uOufweTjSQSKIvDIe2f1kgvKRIae55TwKVzTs-fPM9yB5d_9wfbQ1LB8ZgJUgXmzSbv_czw',
      'gY0MyXBDz2ggyyelE6kJCOg9j4E0zqep-isEjOqbFXeujAKQtQjDXvWjWZKWtFYYJwjlE8cwiM5wmkJqKrlviIr0kTeve33wHp2',
      'kvyBi3D8qeek1ZSiGA4fMWk4f6DU4hrA4lnHRo6CBCVwl-b0tR0MCP8mN7xczEfvJumZXEnD5Trm6mmqi_qO8GK6mo3H4CWHDLA',
      'nFLyy52Ldf0nQVFnc5kEXYntVa79JmCzqoFoFa8qvpDYocUVfQcqV28o7JJoKMIlsqpNswO74SEfkpaFF1WhdCAwqDWViA05K--',
      'qOJxFNA5UwQqoAoQKjewHeqwNIzK0tQBkrFOAM4lfKzMre-5VXHeHrariM97tpBtjysl2NI7IHVaCs-QP1iCSNRCtQlaAHJNBwE',
      't1DbbUM1pVyt7XIr36loa-uRegXfa82bmuu0RyzZw0nqu2pSZUOLkQqvAh7fxlG148vOsIPpCRVaavrZ5tdSYYu0wJb0YBmtLeG',
      'w5gJWrtw-xqxDzBaIijr2yxP36jaA3-H0xV8IH9FB-mCxmotIWPuc-Gxx0_dj-Q5dSyNeRNZE7dQgyXwIsuHxqPwyrOtJTTtWJ2',
      'y_N37IvuU9WzijIwQcmwH2z3uYCzBaeHyz6pQnLvMIK-0A-ta2cHn7c0kurMyVdPFo08MzD-YbG-s1EqYOOd2GJy12wZmHlyzQY',
      '2fk5azANDYs25k6WlEh6Tc3lQx6KMllka3xzdnJmDwu04VHM6n8nlMu4xk_EmeSVoW5ji86THc1825srVzmPcLeO64Vbtwvf520',
      '7U_c3CLG-6K7aEAzu_kEPi7oB6rCFPzMe8EHcWDvHkfm8gkiygxTUpi8uE-JvYBGn6823V8cl1KiE9M5P5JuEqFQ9bkerYXJnmY',
      '9rFUxrhXWFw-byYciXivj2-nUolTef7Qw_LnD7KS4RSk_TMlXQkMpuG',
    ],
  ],
  [
    12,
    144,
    7,
    [
      'BS2PfKEdl9054BpAN86t9MBcF0B7fcNYO43lYgKB9aesqezkZz7ECYq_VBKHoZ3H4DQ7WC9p_4IUGADrud-tgtbczLc',
      'EG7vLVZQEZ6PuEea8mtrB1O16UEjixTRLGxHiiSE7CQEq2d_0UGYFPG7vV7-uuD8AFXtXGRH-YZCcmFgPyQ0knA0l3C',
      'Fqs0eb57C1mZ8GFVal_t7zIvEoGzZ2vMiGYEFt-HYH1vghjsTUJYHfIx4bRskqMwGINYUR9EwK1_rqI3bvOHqzQRKIK',
      'I8eqId4_SCnzsJmJjtp4nAEdbgJyQX5RPHLA9KyJ-DQlql5APPoEK4aMO0T9xWSWoLAt5yAfyHlXdKLL7EJE0qeVAko',
      'MO6kT-tnQy9SIMdf7AkIgFja_iMgaaEldMfr2toM4-Z9byZgL41iM_sXuCUkxA4AqNMP1dR6mSSWP8NwMIEVzCWv1XS',
      'OZS0JsaYbtR5WOjsePZvvVGZMoOpvvury3u00_UQGH_fuuEuDfQOQxgU-Vj4vDX6iQ2Ed3ZxM3ld1uROUqiUoLK8TLe',
      'RdjJlETGR9wyORnnNTCgoBc3reR1JNt2GUxzkySSmRZ4Hg77GejSSsXBteRLE6Jk6TSlXC8f8Rfr8iUPLOh-TXclbM2',
      'UdxwSKOhF0SE-VNNBF4VsA_IQuWTnMm6MsfFYkWXFsq3s0AvEzWwXXhchktK90h0mXcIC2IHbD25niXrFfWSNXWxtFw',
      'YJRqH2BG_fEJkZGhTxWz2zOMh8ZUfZA9EsCxJaaZY0SUuT4iotkEakEXwvkc1yrmia8KdkUv5DAOtmcVusxz8GBBjG8',
      'cZTv2qriH4MM6dCcZebaz1N8F8dFKx9VA0k986sd1cotvIC_ChVceJbWSLF91J38wetprKsCPHpSuyezqxKBSf3AtbW',
      'e-Tvhf2GpooJ6fBenL1Gjbx9R0hWp83Q0_k5smAhdVptY2n1P1ygiRYjPhe7oZuNOiW_CKWuajmnYii4d3klFda7Wek',
      'jv75nU0RJ54X8ka2yDBi6pCtXAk12WUmLcTD7oWlBNLRUS075Pyclldas5NDxnZE6l7DYDzpdAAWjemLgddjrmFL1lQ',
      'mxF_GN8b-gFK8m8hOmx4elT3K0nJYUJv2ri1tP6nP6BO8o1ttV2qnmW025-mOM61-oaVV2To2zXRD6orz7KHOUd1yHG',
      'oyh4clPe9d5iwppSktaDK-1_1qqL4DXnboE6v_4rQoD1jNxJS_r8rh142HfnJ8tA0r0wlwN9xY8hd8sLjUtxHjcZUrW',
      'sTXBWXXGX7q7ssepc8bVW8gxeKtXH2D0fpB9xtcuQqQpL1AHJT5kumu1vs9yzydPWu_VnUB7vy-hqUvBtvi3I8zp93m',
      'vT-XclAv42Ux0wEr50xis_GUp0wQpJr1n-P65t2wWl9hDhal6HyOwnTJ-LrY9KCcKxMQznIr-YkMiGyHOo2v_SBF6xe',
      'yffRhL1moQYFMyl6cineQTs9Qsy6nEOeSUS_1EWzEuWJpt-wPgOwzJye6illB9ZZSzORVuRTH48W7ezyXU-r6oJDO1Y',
      '0GMD3MLmoC3QC0jyrl6BG0dcG01CypFUCcAOdM21QFRz2UklQ_Uo1axoBeTxYAVXC11wR5LbAG6gAw2FTIWxSpS9FCI',
      '2IMaokN14p8jm4U3SyCtVpjo0a4ZlgqGToRSzgI4ua82wPXfo79k5E-nKE7W2Cm8O5QlNqR7QtVeUW5n0Bm6OzkyPfu',
      '5zWISMQmVD0bo6OV1a6EgqZokw7jZRJgHEU81iy8Qw44SDAeIDki8bKH1kEJSmoe68nNOAQqealJsW9xqjjeL84K91i',
      '-YQYZo8VhbtHa-6Eq64OJqBgx0-9qIbAnAebubK_JJzuA5BMRD5m',
    ],
  ],
  [
    13,
    519,
    6,
    [
      'ANEpKcvFfVOnfVSAT4OKxA7OGXtPLZAaBzaSdT4sMiHftAp2IzVLaEOqY0_PAyu3l5vdPXmNePEA3kKGxExzpVSwS1',
      'BFUOCpMrx6e7M37BGg86w2oHD2wITwBPUI-j3vSGSRAkKBS1--CvAMMEFFZjBXLgORsrnWlq1VcBdyNQnaciUUg6wT',
      'BeMQTeTz1MT3YfrBhU9LoO1X0jwEspBkvv5PHBzp5oM6XBwitj3q117w7_ylB5QJtCqJDA65tJVCGTvVTX_ws8Ii9Z',
      'CKoRUu0deWy-CIqCUwahMeSYf5t_iXCX_oxWFrZyCwZSSCdB7K5xDj7rtEEOChwQ3FffHKkf2uqCzFiiS-UkLjxPSp',
      'C1xspfMupqxsN-MC8Zjo1pG9_GDkNXDEq_tGZ6hkGHyOLDL6gwicILgBRRw7DO-PT0gGR0snZW6DfZ9MWwXbnZFQix',
      'DgAwhfDAnSW9RhIDjkKR_bXE98DlTtDm5SulkCODHt4mODvI6x0-FPZxmneiDxLxXhzpRKzr45LD4hWPb0o9Mo8Thi',
      'D9DdnnUMebaN9PcEMFEZEOsWBf_VUGES_02D0gqLtqCzPEb5MEYmivxUJWVEEew-QqNURoU9s3VEhPh1KCJqe1fT8i',
      'EtIoqi92WnG1vSnEu97m93oJCXPh_WE8Jk7amy-igr2zAE_i6Mgsmmt8te_oFESlYeLgVCzW0CdFL0P_TAwy3hWAMV',
      'FNF8ZnVzIT7qtMIFZaka9WFPNMkbvIFfQPDaw2t9r48wvFmDDwjMB6FyW3XGF3WhUph__siQqJMF7hY6ntpZkikFUl',
      'F97rtsrvYaqSDw0GCV3RWliy6zsiB_GTJSDoGhAAZI3_UGVo4REYZ97SCjeJGjiVJaxXKwpWgOsGqHbNZP3mNPL926',
      'GsNbctwcD3fQBumG3SPQuxq6TmcLobG4qjWf24w1J9CirG-2CZnWgwQ-4Tx-HDZ8Rg6iYFIA_kwHGXdo6p3POYbIUe',
      'HKpRPAZEKQGXG6-HRhVQLDQLctLOB7HUZhXxshYJgSJG7HYy4ue90oAhDPKIHbtAgV51-9U_IG8Hd8tJNuGZOa7zoi',
      'Hw56xCLtJVC1A7kH252SiR--hror9nH8aEdceQe6d3hwDIFGKxFML87IPb1YIJlNSYtqa1FQFBiIPvHnkIOsfqTgBe',
      'ISKXfMR0qD2WQuLIUf6wHikULnWCaBIeTZ9DRjJAwqqn_Io9HYo86Vc8OWTJIrL7j1nWk4sPMQ3Iw1vGUSpUMCtq8c',
      'I2mqLacJQ0H0t3VI_tQl9PaWkof5EtJBD_0yD0pCsy7gZJNzqVd-bcX3GeUdJOUi6LICy0hJ_5iJaRWPGO4tDhLf88',
      'JfiT1M7DuPpQlh6Jg1lO_C_Nr5Fm6oJjlb6L9oz59XkbZJl84YtEojNpZHx0Jx9wKeH1CzR_amRKE_YUMc6flAcvsf',
      'KL8RJW5JvqqxREmKOKq7TaVycgJc-MKQ9R6xX8ocZ08maKWX-j7jHtaoUNpFKcGjSLEcPNpu_WHKp9vIwQYcD5YAib',
      'KqzuFhTPDSuIsLoKxLAxwZ_uwTbDNwK4rY91-a2S4oIX2K72JO2mt0bfXB8bLDm0Pc7yGOp-bEeLF9BfrQPWZEt3cy',
      'LKq0vwHOMf-2nXALMpfHk90h4wfTCgLPKS9YAZ_OOxfyhLX8CFcTqu1hGS1QLemm1_EOqU-6hixLiaP6CPdjFH3-2P',
      'LnGSRaIGZ9xpWGuLru1Q3Q0whWTFIoL1dsxUluiQSVUxDMBbxo5ZxCYSpTb1MCTbGNNxAxYIL_FMIO8hoPmuGF5VAa',
      'MWgqmFJVzSSwsR6Mflih10rlduq5uVMlETFmbMcQPPBJ0Mp5StkfXFM2uBcHMs2Fju0VN7HUtu_M0XPcGdqTdBp6yh',
      'M79rh9uv1jjtJ35M910BRfBX-OA5duNDgZddZamudetvcNJaiqR6Zm2-AbA5NM_z3od2p9wDpO5NYa7kvYqron78lR',
      'NbFxLIBJB7f0cE4Ne64_NfFYcdORJONhzgYuAsPKMdljjN1lPgb7J7M7DM_JN6Wr_PRz5m08ZTrOJVFo638k9q-UXa',
      'OUNom0yehSUe_V2OduTnnpt2LxmL3bOnE5WJG775Sf74BOrEVBDAsIad9wZaOuHrNvzlyC9SYP4O10t0xrHv_GQ9Mu',
      'O5K4SrwI1tx9kz4O8LPyza50AWhMjkPBNPdD3CIvjG9N-PI_xF1L7s2ELhMtPQGb43CyjoIf0dpPcNB-sjL8B9XVAz',
      'PjYv7GBWRgGTQuTPlYAFSaIrRXJrjLPvVPwjwMWVojK9JP3eXQudINOpocQiP4N1ZISURdyRwx5QDqewJSYFfF7Cpy',
      'QMuSU76BjEP_9GMQPz_Ycit6CTVvuIQRfFgFoGPKjRd6KQYyjUAMQkdUqQSHQdr2-GRdUAPr192QeKsgNIeBO_djXu',
      'Qimev18hRGDxZpCQzGzWpCVPlwxcHFQ6wuVQhnoKmW6onRCbzjpQHu67tq3GRVoZn66MmTaxXxkRWR7c_wVTyFHxPj',
      'RfvjE49gOlnUbGZRmXwPsi8AhxpTe4RqxdKnMoYgAgJS0RvI2vFkD1Ts1VCURxF6bV_drCEaA6DR06FxKHcHDtVogk',
      'R91XdVRry7IyUe_SEcK24LRXZLtejESH36s4kLaBfEOmdSIPF_RM6TEypjBHSNUK9fdaWGGZ4PASVoE7W7c9vzTw-9',
      'Sadfm8VE3PWWDsOSfyooQYN8ySqZKuSgd7Nw5sNwNzWPdSluErCW9XNoGM7oSqGm1nwtomnnJr5S7jNwCac36BmBCT',
      'S-nIIBylGx5WS1XTAHgKLF68rRzmV5TJpSTn2iTyEKQx1TPHzoDsvA7GyjyfTXiDHQoXLLXgqNCTb5SRO7j8yOrJGY',
      'TeHgkOo_3dE2w6NThm1qhVVm6sjDmKTrmhHvdHOMfkDzHT56P-BMyisIC-9pT6wFtUBQ2vmbqFbUBqrplsRBj2rZBa',
      'UH2A__auVF0yn9BUOy8WxnMt1c5DvQUQTaPAyDYRKzsN7UZ9e-CQbEocVDH_UagE0WmQeNNmJFSUmJgaSb8IkWCsXP',
      'U0GEt-PiGx39GB3U3fnQMiz15W98XxU4fz_8A-MImxR_sU9eTHjkkHfOlrAXU-uYsYMWk4hSzrdVSGt1az6Ee3ovFX',
      'VUbYY1sa7fVfL05VY9MBpceBTlngIhViyBoAIfJ1EIMuCVr8mBELUx2uBMA7VtraQGv--oPSY6rV1Y5J6djisuMhvk',
      'V5gJ-7-ma3R-qqRWAaIXt8X-BDfpQfWKXAlYIXc7YOK5eWRhv_qn_wgPqCjcWSr1h6DchHFuyChWX6VIYLGyq82hg8',
      'WbmRQwOHhu6ZVpmWhY8y8FacmF0zz-Wkr7ZmXRFptJDsdW2O5MeyoUh9HVROW_IBpGQwR09flRPXCAGg2NGIF64cuo',
      'XLsFHZSH6TbFeRKXNDe4OE5zS1GlvbXW3iFSCUjsY1bsvXZV06XXPSVn1ZglXs7DcZGZApkOsHSXylqQNg7VKL_La2',
      'X-shGDuWKgnZhRqYHs4O7Kx2Rd0Y5oYQ0NXrGrrXhsimdYVKZ-IglYGAsI3SYWq-OoXL_tJcE4RYfuiGPrI7wnPOMR',
      'Ygl04rbWTPd1GGuYmWaLf-b73C04olY4FkNhJpw9S733vZFSrE4j-Uot97GrZG65NTY0grTac6aZKDxH0EavQ_XWW9',
      'ZRslehOvqQ0jI_TZXwIpAHKdWIWYYeZeOcXVlFJB3I4T0ZicJQi5p8Mt6HmXZoEapBooxmIztcxZruxQR309vlBVu8',
      'ZwrCdlXJdO56vVzZzMnFr5R_QWWQ1AZ1UQo_gVSmtsCOOaG_5efdfCEE8gzZaMsrPptvoVt_auBaUTGhvXDS_5Y57b',
      'aXELDA68PvXn8KKabJahpdvBaBZN0ladY9i4T_m__p3LzaiPdbQCClIVB43DattgVCRKw384thLaz77rCfG4UURHxC',
      'a6tZplY1Ek8EkpBbEf5cnJ13dvf0UPbHMg9NZn2-pLyAFbTKKUFATaUgPrp1bVduQQUEfIEBOs5ba-wjAMT7FRNvLQ',
      'bxRo_CiE0RTcUv6b4lZsjaUUZK5a2Wb-OmfqQgAUJRFnfcDIV5Tni1ixj3EScJ7d07MXsmx4YxYcKS4mBDrsBSLuKi',
      'cUoom-gjC56wvOCckpWZUPeQKX9xqkcncVnH3FTxPAtPdctkFWcLC680tq3LcuLAoQf4dx34D2ccwJeekHtdAtGwdy',
      'c1cn_sHPgxyTTYfdH_yPpaqyR5fo3MdIC4i_EZ2PUMcRvdLf8kbqOsbRLNxBdOgJM4yWZ_TlCZZdVhjONzfCqChtDW',
      'dZm4zK4D-K9Xk1odcPNkohN9UzpmPldvx20aRwvpeI5WXd9ICcTgOXMGmMdSd-OvxtuZa9QViffeC6LvWKXtDbFpMg',
      'eEw2GPbysamYCn4eIIYmeQL7f7BSQWeL2JzapuqSY8OjrefAPwnSCjDufbTFeguBGaNvNTQNp2rel3zTl0Mrct_8We',
      'emYN9cD2geEpBkOesHpBY4JP7nt_YKevMiF8BXcxH0kSKeyztL-h8kdXP7RYe0qJM_jlWNr54cbfKcqmDtAwGBbT8e',
      'fSdRyP9G6m4gUK4fX4bL05Y0_JbpCOfYHowhvGBN1pz4hfnbyTXafMRDJaLmfuXtCPuhyY6cwibfzLTtTT2vuZjDLV',
      'f2seAX5AnF910vUf6gO5VB1FJjb1ugf_9Ghjq7wtEdB_agDL9OdbtL3820IpgKZwd3-ZHHZRc2DgM3Tk8dSAVbBgFa',
      'gXw61phecxtqB9NgkOXynO6rZinJqIgn9LMJrxF_lh7sKgz6Li3VExkLM-MKg8xzedgo10fhH7zg_IqkMF-a89Y2ay',
      'hIgoc26ApYR3CTYhQxFazWVuL9ABYuhaQGWxJ59cxNNeOhfS8YWDG2N1616IhgAjuHTClT9MvDxhpFOmpo3H16PA7v',
      'hsp93QG28scwluMhyGsIFPtn_E-AYEh3RK8D2Jw4Xg77TiCnaF3bpa6wfWfhiHwkeXNNuFZaHQBiaUfC1HYv37hkUO',
      'ij8mh6wum4aF0icimQW36rCbbPDu-OivvagGfZkhNteVYixpbBQ9ix9g3H3ui4hOokZCkMIguHei94fJeq-1Kuxqat',
      'jR0yMMYRZlji2M2jUteBtouFe4bbKkjbxz-8SgzKwMF4zjigLmJ3NvVW-4c3jk1VRkl3caxHc4DjtvLVuaqD60sO3v',
      'jwfVWKcflH18WpLj1oRS1fibPP0s2Xj2PeHjx9a8Z50gzj5E88Y6sYch18Csj_4t18ujtahsrXNkEbR060_41DKRph',
      'kHVaViRKd3daHEGkOzLrf9vcv6h2g2kTD0t6Ci0Li9sdlkcF2GNcZ5BSudgSklyaR7GIZnI-Cq5kpLtOqqNgp_DhDS',
      'kszYjKgrmoPV5pLkyHSyO3IQ7uFE1flAdSxG1U0VysiWqlJbqqRCRWYR2p2-lMu_SQdK7SJ66qnlPim1G9gbf_-TGK',
      'lUZX6J5_jJy3XaPlbUbC9x3N1_cZP-ld5yX-8ZWR49-1slhc-XA_B0E2sDrPlrkvve4kLn12iUBltGODVkhLmBOHkZ',
      'lzl-ReuGWQzlCg9mDulupstEenuLAsmKPFKPsYhF856wDmXbtmsXxfc_B59jmouE4uJD0b2CJrLmuxy94o4TL6X8CT',
      'm6MlOOq1cC32RTsnLMLD55O1h8V42lnNECmzv56rY8t-rnVgaGz2QAM91qhUnclTlO4vCspDk3ungZXCG1ySCraPjH',
      'njhmsOAUwJlgoeZnqdJzNeUhoARiyTnx_qHVv_elA5outny6QP0mziRcX0Syn7zkUDDxXl8rYXZn9QVSjiKINwoJSf',
      'oEodGSLd2DMLGo3oNJHd7ElMPiettvoThld2p4idGkk8Yogls7XzpgYXlyDMomH6SuV02wTPGVUov92atB_A9tmgD3',
      'o0dHVCG7zfb36DFo7AeV3R7fVKZlqQo9rMoTRF9c1kJeUpDRnGvG0GRY0s5rpJaymTxoSXkRprapMLMAgbn_r44rA1',
      'pS1KP7CCxTJmTw4peaUyy3QGXtceQdpkLL7hhlJwcq4_aptyGo80_ekjc6mBpzb50WvPW5cu2vdp8BWFkrYsFnMeD8',
      'qGwaRLsCkX9MwQZqP-LGfprgIhPrPGqSkAJmJ-YOkxtBuqY3okmTK-ZteSvOqbI_ZinSYvDwo86qiItXls-Voj8yhu',
      'qnpixG-FxvFqOBNquHjoUIHst3hMWjq2A03aZ5-PO9Dkrq5i_CtIYmE8I6D8q_eX5X5ykmB9DgWrO9tpEGT391LBZX',
      'rQU4eAc4bzWrlIwrckbGLWhMiqX_pQrmHRL1ADFaSxLV9rqvdN5aVzz1bLDzrsEGQYlxAxjEAJ0rxXcxDdD6EeGVOE',
      'r0h3h4mLGatE7aor3Ac0KkLx-xwHaRsArEDw8UhX6fx2ZsFThtCc1MwHAwmJsPCnFuSN7Si91nosScU0mISNvi6UvA',
      'sXfUcuYDzJjlKyrsdp2V5SZKUNbOEZskxrDlk2nO_DXW-soaVKsRKqeBh6KystycMShDJ9U6kxps5wTzBqfBmbqIEz',
      's61-ojIj5ZT4ltftIgcRzb_7DY8u2BtNvjFrdrB3VgwTktOmnwrdRwiFIspttWcjfS3jSCLHIiztljxPpIARSzXKi6',
      'tp5ldfVocn-WmOGtqqKpZ6vxYOvsWutxLIBvPAQE7VGOHt3g1Nf5Bq2z_HUtuC9pAqhfoHHXe4puHqd6mob6PoAYvK',
      'uNfNsG84E_UnHqiuQ7vbNP3BmMa7GPuWL09-CoZ7z4GHjucfkdxTYiZkYwfBugdY7SLYDsXaPwrujZsXORwG3b-cw8',
      'upFgCce0pMUALmdu4E3lXGCHfWe-2ru77ceoidDGNnE82vFj4K_ZOwDR4_Y9vKPyb4c31jcLw77vMYGKmsx38ALlkx',
      'vRwB5ns40hjOQ2cviKmjHlw8w8BXIIvnDc-kYpEui7hoxvoaZq-Pe0jvpCRQvr3t56gqCDEUn87vuWoK7F16-wzR9p',
      'vwBjVW0kINOm1JTv5Tj_ANciy7b1m2wBvdSrdNrBWDTcGwCQd1wK0sit-wDUwL7anNed6ge2Mi0wONwWZrTyqkDH4s',
      'wTAA2Wm_UQYNTimwZ8-1M7-rzSIocdwlDAkQhARkiXA8Gws4VzMcmbGuyGsEw0AqoyFYfmXJ5mKw4N3-5d0wxxNHZE',
      'xRO5vcb28pzJDE8xYPsU-tRJXDSvAexd2kQBPMjCxGeKmxkumoljgb4SQdsSxnwsz7ZllDPfY1wxwTEjVfDKlA9oix',
      'x5T6ogJoEzn2-_ox83jAUdBwOlHOQ_yAN1ps9Q_eM_oPfyDhvnaHwkBhZ7pmyFwmdZ6kpG7APNVyJIJg_hBy-13q-z',
      'yYu00yvaDibID9pynmvPRKluiXY1k0yzSlGNMrtC4GKQ6y22DPelSStL32aHzBX6xEAhVmEVI5kzCEsY2gDZZPYC47',
      'zLCTtgHzcJ-Th7FzQjoBWUyaFbVfK6zT-N4PuueU6kSxYzWb2GuKStm2UFAzzl0yIX5ENX-adOIzmeeMKmTK7R2HGj',
      'zptFDcZ794ddrJiz3QWVfTkozg26YQz7PF8NPaAiioqI5z-IP8IgF3PPvKlH0D8mHDr3CfA0ArH0UaAOZJkN8TG2yp',
      '0XU7DJDb5TXKUQr0eJARC5smqZKmvn0olFQRQHK7S281g0urTjb8nR5vRO-a0wetF0BOIe0uKgr0zC_uJDUUjdi3Nw',
      '05cjU0XZYIMcgN206vri1Cls5EbLgm1EMEOmS62zlp3z8',
    ],
  ],
];
