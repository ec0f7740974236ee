/**
 * Work materials. kc1.1 and mc are Kienzle's constants from the ISCAR catalogue of 2017. The cutting speed for 15 minutes of
 * carbide life stands in the middle of what catalogues recommend (assumption); scatter is the standard deviation of the
 * logarithm of tool life, from the replicates in the NASA milling set (6–22 % in cast iron, 8–56 % in steel).
 */
export interface Material {
  readonly name: string;
  readonly specificForceNPerMm2: number;
  readonly chipExponent: number;
  /** Cutting speed at which a carbide edge lives 15 minutes. */
  readonly speedFor15MinMPerMin: number;
  readonly lifeScatter: number;
}

const rows: readonly (readonly [string, number, number, number, number])[] = [
  ['low_carbon_steel', 1350, 0.21, 300, 0.2],
  ['medium_carbon_steel', 1500, 0.22, 260, 0.2],
  ['quenched_steel', 1675, 0.24, 200, 0.25],
  ['low_alloy_steel', 1775, 0.24, 210, 0.2],
  ['tool_steel', 2450, 0.23, 130, 0.25],
  ['stainless_steel', 2150, 0.2, 160, 0.25],
  ['nodular_iron', 1150, 0.2, 220, 0.15],
  ['grey_iron', 1225, 0.25, 260, 0.12],
  ['wrought_aluminium', 700, 0.25, 1100, 0.12],
  ['cast_aluminium', 750, 0.25, 700, 0.15],
  ['brass', 700, 0.27, 500, 0.12],
  ['nickel_alloy', 3300, 0.24, 45, 0.3],
  ['titanium_alloy', 2110, 0.22, 75, 0.25],
];

export const materials: readonly Material[] = rows.map(([name, force, exponent, speed, lifeScatter]) => ({
  name,
  specificForceNPerMm2: force,
  chipExponent: exponent,
  speedFor15MinMPerMin: speed,
  lifeScatter,
}));

export function findMaterial(name: string): Material {
  const found = materials.find((m) => m.name === name);
  if (found === undefined) {
    throw new Error(`material: got "${name}", allowed are ${materials.map((m) => m.name).join(', ')}`);
  }
  return found;
}
