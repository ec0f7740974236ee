/**
 * A machine's twin as an Asset Administration Shell, version 3.0 of the metamodel, with the submodels of the IDTA where
 * one fits. What a template wants and the plant's registry does not hold (the maker, its address and order code) is
 * there without a value. The semantic ids are those of the templates' publications; docs/standards.md names them.
 */
import { titleOfSignal } from '../api/titles.ts';
import type { MachineType } from '../machine-types/definition.ts';
import type { MachineForecast } from '../prognosis/forecast.ts';
import { type Element, group, type Identified, link, number, range, submodel, text, time, words } from './elements.ts';
import { describeMaintenance } from './maintenance-submodel.ts';

export interface Environment {
  readonly assetAdministrationShells: Identified[];
  readonly submodels: Identified[];
}

export interface ShellParts {
  readonly machine: { readonly machineId: string; readonly name: string; readonly site: string; readonly line: string };
  readonly type: MachineType;
  readonly forecast: MachineForecast | null;
  /** A UUID of a name: the same of the same name. */
  readonly uuidOf: (name: string) => string;
}

const timeSeries = (part: string): string => `https://admin-shell.io/idta/TimeSeries/${part}1/1`;
const technicalData = (part: string, version: string): string =>
  `https://admin-shell.io/ZVEI/TechnicalData/${part}/${version}`;

/** What the nameplate's template says of a property that it does not list, and technical data's of one in no dictionary. */
const arbitraryProperty = 'https://admin-shell.io/SMT/General/ArbitraryProp';
const inNoDictionary = 'https://admin-shell.io/SemanticIdNotAvailable/1/1';

/** Catena-X asks for ids of this form, for the asset as for its shell (CX-0002, "Digital twins in Catena-X"). */
const urnOf = ({ machine, uuidOf }: ShellParts, what: string): string =>
  `urn:uuid:${uuidOf(`${machine.machineId}/${what}`)}`;

export function describeShell(parts: ShellParts): Environment {
  const { machine, type, forecast } = parts;
  const submodels = [
    describeNameplate(parts),
    describeTechnicalData(parts),
    describeTimeSeries(parts),
    describeMaintenance({ id: urnOf(parts, 'maintenance'), machineId: machine.machineId, type, forecast }),
  ];
  const shell = {
    modelType: 'AssetAdministrationShell',
    id: urnOf(parts, 'shell'),
    idShort: toIdShort(machine.machineId),
    displayName: [{ language: 'en', text: machine.name || machine.machineId }],
    assetInformation: {
      assetKind: 'Instance',
      globalAssetId: urnOf(parts, 'asset'),
      assetType: type.name,
      specificAssetIds: [
        { name: 'partInstanceId', value: machine.machineId },
        { name: 'digitalTwinType', value: 'PartInstance' },
      ],
    },
    submodels: submodels.map(({ id }) => ({ type: 'ModelReference', keys: [{ type: 'Submodel', value: id }] })),
  };
  return { assetAdministrationShells: [shell], submodels };
}

/** Letters, digits and `_`, a letter first (AASd-002). */
const toIdShort = (name: string): string => `M_${name.replaceAll(/[^A-Za-z0-9_]/g, '_')}`.slice(0, 128);

/** IDTA 02006-3-0. */
function describeNameplate(parts: ShellParts): Identified {
  const { machine, type } = parts;
  return submodel({
    id: urnOf(parts, 'nameplate'),
    idShort: 'Nameplate',
    semanticId: 'https://admin-shell.io/idta/nameplate/3/0/Nameplate',
    elements: [
      link('URIOfTheProduct', urnOf(parts, 'asset'), '0112/2///61987#ABN590#002'),
      words('ManufacturerName', null, '0112/2///61987#ABA565#009'),
      words('ManufacturerProductDesignation', type.title, '0112/2///61987#ABA567#009'),
      describeAddress(),
      text('OrderCodeOfManufacturer', null, '0112/2///61987#ABA950#008'),
      text(
        'UniqueFacilityIdentifier',
        machine.site,
        'https://admin-shell.io/idta/nameplate/3/0/UniqueFacilityIdentifier',
      ),
      group(
        'AssetSpecificProperties',
        [text('PlantName', machine.name, arbitraryProperty), text('Line', machine.line, arbitraryProperty)],
        '0173-1#02-ABI218#003/0173-1#01-AGZ672#004',
      ),
    ],
  });
}

/** The template's drop-in, with the four elements that it must have (IDTA 02006-3-0, clause 3.2). */
const describeAddress = (): Element =>
  group(
    'AddressInformation',
    [
      words('Street', null, '0173-1#02-AAO128#002'),
      words('Zipcode', null, '0173-1#02-AAO129#002'),
      words('CityTown', null, '0173-1#02-AAO132#002'),
      words('NationalCode', null, '0173-1#02-AAO134#002'),
    ],
    'https://admin-shell.io/zvei/nameplate/1/0/ContactInformations/AddressInformation',
  );

/** IDTA 02003-1-2. */
function describeTechnicalData(parts: ShellParts): Identified {
  const { signals, components, title } = parts.type;
  const limited = signals.filter(({ normalLimits }) => normalLimits !== undefined);
  return submodel({
    id: urnOf(parts, 'technical-data'),
    idShort: 'TechnicalData',
    semanticId: technicalData('Submodel', '1/2'),
    elements: [
      group(
        'GeneralInformation',
        [
          text('ManufacturerName', null, '0173-1#02-AAO677#002'),
          words('ManufacturerProductDesignation', title, '0173-1#02-AAW338#001'),
          text('ManufacturerArticleNumber', null, '0173-1#02-AAO676#003'),
          text('ManufacturerOrderCode', null, '0173-1#02-AAO227#002'),
        ],
        technicalData('GeneralInformation', '1/1'),
      ),
      group(
        'TechnicalProperties',
        [
          group(
            'MeasuringRanges',
            signals.map(({ name, physicalRange, unit }) => range(name, physicalRange, unit)),
            inNoDictionary,
          ),
          group(
            'NormalLimits',
            limited.map(({ name, normalLimits = {}, unit }) => range(name, normalLimits, unit)),
            inNoDictionary,
          ),
          group('Components', components.map(describeComponent), inNoDictionary),
        ],
        technicalData('TechnicalProperties', '1/1'),
      ),
    ],
  });
}

const describeComponent = ({ name, title, life }: MachineType['components'][number]): Element =>
  group(name, [
    words('Title', title),
    life === undefined ? null : number('LifeShape', life.shape, ''),
    life === undefined ? null : number('LifeScale', life.scaleHours, 'h'),
  ]);

/** IDTA 02008-1-1: the samples stay where they are, behind the API that the linked segment names. */
function describeTimeSeries(parts: ShellParts): Identified {
  const { machine, type } = parts;
  const variables = type.signals.map(({ name, unit }) => number(name, null, unit));
  const segment = group(
    'History',
    [
      words('Name', 'Every signal with its expectation, downsampled as asked for', timeSeries('Segment/Name/')),
      text('Endpoint', `/api/machines/${machine.machineId}/history`, timeSeries('Endpoint/')),
      text('Query', 'from={from}&to={to}&resolutionS={seconds}', timeSeries('Query/')),
    ],
    timeSeries('Segments/LinkedSegment/'),
  );
  const record = group('Record', [time('Time', timeSeries('UtcTime/')), ...variables], timeSeries('Record/'));
  const titles = type.signals.map(({ name, title, unit }) => titleOfSignal({ name, title, unit }));
  return submodel({
    id: urnOf(parts, 'time-series'),
    idShort: 'TimeSeries',
    semanticId: timeSeries(''),
    elements: [
      group(
        'Metadata',
        [
          words('Name', `${type.title}: samples`, timeSeries('Metadata/Name/')),
          words('Description', titles.join(', '), timeSeries('Metadata/Description/')),
          record,
        ],
        timeSeries('Metadata/'),
      ),
      group('Segments', [segment], timeSeries('Segments/')),
    ],
  });
}
