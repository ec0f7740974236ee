/**
 * The parts of an Asset Administration Shell in its JSON form (IDTA 01001-3-0, "Specification of the Asset
 * Administration Shell, Part 1: Metamodel"): what is empty is left out, values are text, a name is an `idShort`.
 */
type Fields = Readonly<Record<string, unknown>>;

export interface Element extends Fields {
  readonly modelType: string;
  readonly idShort: string;
}

export interface Identified extends Element {
  readonly id: string;
}

/** Elements of a submodel, `null` for those that this machine has not. */
export type Elements = readonly (Element | null)[];

export const refer = (semanticId: string): Fields => ({
  type: 'ExternalReference',
  keys: [{ type: 'GlobalReference', value: semanticId }],
});

const semantics = (semanticId: string | null): Fields => (semanticId === null ? {} : { semanticId: refer(semanticId) });

const inEnglish = (text: string): readonly Fields[] => [{ language: 'en', text }];

/** Null is an element that the template wants and the plant has not filled. */
export const text = (idShort: string, value: string | null, semanticId: string | null = null): Element => ({
  modelType: 'Property',
  idShort,
  ...semantics(semanticId),
  valueType: 'xs:string',
  ...(value === null ? {} : { value }),
});

export const words = (idShort: string, value: string | null, semanticId: string | null = null): Element => ({
  modelType: 'MultiLanguageProperty',
  idShort,
  ...semantics(semanticId),
  ...(value === null ? {} : { value: inEnglish(value) }),
});

export const link = (idShort: string, value: string, semanticId: string | null = null): Element => ({
  ...text(idShort, value, semanticId),
  valueType: 'xs:anyURI',
});

export const number = (idShort: string, value: number | null, unit: string): Element => ({
  modelType: 'Property',
  idShort,
  ...measured(idShort, unit),
  valueType: 'xs:double',
  ...(value === null ? {} : { value: String(value) }),
});

export const time = (idShort: string, semanticId: string): Element => ({
  modelType: 'Property',
  idShort,
  ...semantics(semanticId),
  valueType: 'xs:dateTime',
});

export interface Bounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export const range = (idShort: string, { min, max }: Bounds, unit: string): Element => ({
  modelType: 'Range',
  idShort,
  ...measured(idShort, unit),
  valueType: 'xs:double',
  ...(min === undefined ? {} : { min: String(min) }),
  ...(max === undefined ? {} : { max: String(max) }),
});

export function group(idShort: string, elements: Elements, semanticId: string | null = null): Element {
  const value = elements.filter((element) => element !== null);
  return {
    modelType: 'SubmodelElementCollection',
    idShort,
    ...semantics(semanticId),
    ...(value.length === 0 ? {} : { value }),
  };
}

export interface SubmodelParts {
  readonly id: string;
  readonly idShort: string;
  readonly semanticId: string;
  readonly elements: Elements;
}

export const submodel = ({ id, idShort, semanticId, elements }: SubmodelParts): Identified => ({
  modelType: 'Submodel',
  id,
  idShort,
  kind: 'Instance',
  semanticId: refer(semanticId),
  submodelElements: elements.filter((element) => element !== null),
});

/** The unit stands in a data specification (IDTA 01003-a-3-0, IEC 61360): a property has no field for it. */
function measured(name: string, unit: string): Fields {
  if (unit === '') return {};
  const dataSpecificationContent = {
    modelType: 'DataSpecificationIec61360',
    preferredName: inEnglish(name.replaceAll('_', ' ')),
    unit,
  };
  const dataSpecification = refer('https://admin-shell.io/DataSpecificationTemplates/DataSpecificationIec61360/3');
  return { embeddedDataSpecifications: [{ dataSpecification, dataSpecificationContent }] };
}
