import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import type { Forecast, MachineForecast } from '../../../core/prognosis/forecast.ts';
import type { Element } from '../../../core/standards/elements.ts';
import { describeShell } from '../../../core/standards/shell.ts';
import { uuidOf } from '../../../lambdas/adapters/uuid.ts';
import { templates } from './templates.ts';

/** Made from the IDTA's formal metamodel. Node cannot load its ES modules, which import without file endings. */
const { jsonization, verification } = createRequire(import.meta.url)(
  '@aas-core-works/aas-core3.0-typescript',
) as typeof import('@aas-core-works/aas-core3.0-typescript');

const machine = { machineId: 'SEAS-CNC-01', name: 'Mill 1', site: 'Ulm', line: 'one' };

/** What is wrong with an environment as JSON: what cannot be read, else what the reader passed over, each broken constraint. */
function findFaults(shell: unknown): string[] {
  const given = JSON.parse(JSON.stringify(shell));
  const { value, error } = jsonization.environmentFromJsonable(given);
  if (value === null) return [`${error?.path}: ${error?.message}`];
  const isWhole = isDeepStrictEqual(jsonization.toJsonable(value), given);
  const broken = [...verification.verify(value)].map(({ path, message }) => `${path}: ${message}`);
  return isWhole ? broken : ['fields that the metamodel does not know', ...broken];
}

const worn: Forecast = {
  component: 'tool',
  part: 'T1 / 2',
  failureMode: 'tool_wear',
  status: 'wearing',
  remainingHours: { p10: 1, p50: 2, p90: 3.5 },
  remainingCycles: null,
  method: 'taylor',
  why: 'flank wear is seen',
  confidence: 0.5,
  evidence: null,
  grewBecause: null,
  withheldBecause: null,
};
const forecast: MachineForecast = {
  machineId: machine.machineId,
  atMs: 0,
  components: [worn, { ...worn, part: null, status: 'withheld', remainingHours: null, withheldBecause: 'too few' }],
  nextMaintenance: {
    component: 'tool',
    part: null,
    failureMode: 'tool_wear',
    action: 'change_tool',
    leadTimeHours: 0,
    orderWithinHours: 0,
    doneWithinHours: 1,
  },
};

const semanticIdOf = ({ semanticId }: Element): string | undefined =>
  (semanticId as { keys: { value: string }[] } | undefined)?.keys[0]?.value;

const childrenOf = (element: Element): Element[] =>
  element.modelType === 'SubmodelElementCollection' ? ((element.value ?? []) as Element[]) : [];

function find(elements: readonly Element[], path: string): Element | undefined {
  const [first, ...rest] = path.split('/');
  const found = elements.find(({ idShort }) => idShort === first);
  return found === undefined || rest.length === 0 ? found : find(childrenOf(found), rest.join('/'));
}

describe.each(builtinMachineTypes.map((type) => [type.name, type] as const))('the shell of a %s', (_, type) => {
  it.each([null, forecast])('holds to the metamodel', (told) => {
    expect(findFaults(describeShell({ machine, type, forecast: told, uuidOf }))).toEqual([]);
  });

  it('names nothing twice at one place, and refers to submodels that are there', () => {
    const { assetAdministrationShells, submodels } = describeShell({ machine, type, forecast, uuidOf });
    const expectDistinct = (elements: readonly Element[]): void => {
      const names = elements.map(({ idShort }) => idShort);
      expect(new Set(names).size, names.join()).toBe(names.length);
      for (const element of elements) expectDistinct(childrenOf(element));
    };
    for (const submodel of submodels) expectDistinct(submodel.submodelElements as Element[]);
    const [shell] = assetAdministrationShells;
    const referred = (shell!.submodels as { keys: { value: string }[] }[]).map(({ keys }) => keys[0]!.value);
    expect(referred).toEqual(submodels.map(({ id }) => id));
  });

  it.each(Object.entries(templates))('has what the template of %s asks for', (idShort, { semanticId, elements }) => {
    const { submodels } = describeShell({ machine, type, forecast, uuidOf });
    const submodel = submodels.find((one) => one.idShort === idShort)!;
    expect(semanticIdOf(submodel)).toBe(semanticId);
    for (const [path, [modelType, asked, isNeeded]] of Object.entries(elements)) {
      const found = find(submodel.submodelElements as Element[], path);
      if (found === undefined) expect(isNeeded, path).toBe(false);
      else expect([path, found.modelType, semanticIdOf(found)]).toEqual([path, modelType, asked]);
    }
  });

  it('gives each signal its unit and its range', () => {
    const { submodels } = describeShell({ machine, type, forecast, uuidOf });
    const technical = submodels.find(({ idShort }) => idShort === 'TechnicalData')!.submodelElements as Element[];
    for (const { name, unit, physicalRange } of type.signals) {
      const range = find(technical, `TechnicalProperties/MeasuringRanges/${name}`);
      expect(range).toMatchObject({ min: String(physicalRange.min), max: String(physicalRange.max) });
      if (unit !== '') expect(JSON.stringify(range)).toContain(`"unit":${JSON.stringify(unit)}`);
    }
  });
});

describe('a shell', () => {
  const type = builtinMachineTypes.find(({ name }) => name === 'cnc-mill')!;
  const { assetAdministrationShells, submodels } = describeShell({ machine, type, forecast, uuidOf });
  const elementsOf = (name: string) => submodels.find(({ idShort }) => idShort === name)!.submodelElements as Element[];

  it('has ids as Catena-X wants them, the same whenever it is asked for, and others for another machine', () => {
    const { id, assetInformation } = assetAdministrationShells[0]! as unknown as {
      id: string;
      assetInformation: { globalAssetId: string; specificAssetIds: object[] };
    };
    const urn = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(id).toMatch(urn);
    expect(assetInformation.globalAssetId).toMatch(urn);
    expect(assetInformation.globalAssetId).not.toBe(id);
    expect(assetInformation.specificAssetIds).toContainEqual({ name: 'partInstanceId', value: 'SEAS-CNC-01' });
    const again = describeShell({ machine, type, forecast: null, uuidOf });
    expect(again.assetAdministrationShells[0]!.id).toBe(id);
    const other = describeShell({ machine: { ...machine, machineId: 'SEAS-CNC-02' }, type, forecast, uuidOf });
    expect(other.assetAdministrationShells[0]!.id).not.toBe(id);
  });

  it('tells remaining lives with their band, what withholds one, and what is due', () => {
    const elements = elementsOf('Maintenance');
    expect(find(elements, 'RemainingLife/tool_T1_2/RemainingHoursP90')).toMatchObject({ value: '3.5' });
    expect(find(elements, 'RemainingLife/tool/Why')).toMatchObject({ value: 'too few' });
    expect(find(elements, 'RemainingLife/tool/RemainingHoursP50')).toBeUndefined();
    expect(find(elements, 'NextMaintenance/Action')).toMatchObject({ value: 'change_tool' });
  });

  it('leaves what nobody told it without a value, and links to the samples instead of holding them', () => {
    expect(find(elementsOf('Nameplate'), 'ManufacturerName')).not.toHaveProperty('value');
    expect(find(elementsOf('TimeSeries'), 'Segments/History/Endpoint')).toMatchObject({
      value: '/api/machines/SEAS-CNC-01/history',
    });
  });

  it('is told apart from one that is spoilt', () => {
    const faultsOf = (change: (shell: { submodels: [object] }) => void) => {
      const copy = JSON.parse(JSON.stringify({ assetAdministrationShells, submodels }));
      change(copy);
      return findFaults(copy).length;
    };
    expect(faultsOf(() => undefined)).toBe(0);
    expect(faultsOf((shell) => Object.assign(shell.submodels[0], { idShort: '1-x' }))).toBeGreaterThan(0);
    expect(faultsOf((shell) => Object.assign(shell.submodels[0], { submodelElements: [] }))).toBeGreaterThan(0);
    expect(faultsOf((shell) => Object.assign(shell.submodels[0], { unheardOf: 1 }))).toBeGreaterThan(0);
  });
});
