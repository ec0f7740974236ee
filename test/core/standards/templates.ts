/**
 * What the IDTA's templates ask of an instance, read from their publications (github.com/admin-shell-io/submodel-templates,
 * published/: Digital nameplate/3/0, Technical_Data/1/2, Time Series Data/1/1). Of what a template makes optional only
 * what this application fills is listed. `path: [type, semantic id, whether it must be there]`.
 */
export type Asked = readonly [modelType: string, semanticId: string, isNeeded: boolean];

const technical = 'https://admin-shell.io/ZVEI/TechnicalData';
const series = 'https://admin-shell.io/idta/TimeSeries';
const address = 'https://admin-shell.io/zvei/nameplate/1/0/ContactInformations/AddressInformation';

export const templates: Readonly<
  Record<string, { readonly semanticId: string; readonly elements: Readonly<Record<string, Asked>> }>
> = {
  Nameplate: {
    semanticId: 'https://admin-shell.io/idta/nameplate/3/0/Nameplate',
    elements: {
      URIOfTheProduct: ['Property', '0112/2///61987#ABN590#002', true],
      ManufacturerName: ['MultiLanguageProperty', '0112/2///61987#ABA565#009', true],
      ManufacturerProductDesignation: ['MultiLanguageProperty', '0112/2///61987#ABA567#009', true],
      AddressInformation: ['SubmodelElementCollection', address, true],
      'AddressInformation/Street': ['MultiLanguageProperty', '0173-1#02-AAO128#002', true],
      'AddressInformation/Zipcode': ['MultiLanguageProperty', '0173-1#02-AAO129#002', true],
      'AddressInformation/CityTown': ['MultiLanguageProperty', '0173-1#02-AAO132#002', true],
      'AddressInformation/NationalCode': ['MultiLanguageProperty', '0173-1#02-AAO134#002', true],
      OrderCodeOfManufacturer: ['Property', '0112/2///61987#ABA950#008', true],
      UniqueFacilityIdentifier: [
        'Property',
        'https://admin-shell.io/idta/nameplate/3/0/UniqueFacilityIdentifier',
        false,
      ],
      AssetSpecificProperties: ['SubmodelElementCollection', '0173-1#02-ABI218#003/0173-1#01-AGZ672#004', false],
    },
  },
  TechnicalData: {
    semanticId: `${technical}/Submodel/1/2`,
    elements: {
      GeneralInformation: ['SubmodelElementCollection', `${technical}/GeneralInformation/1/1`, true],
      'GeneralInformation/ManufacturerName': ['Property', '0173-1#02-AAO677#002', true],
      'GeneralInformation/ManufacturerProductDesignation': ['MultiLanguageProperty', '0173-1#02-AAW338#001', true],
      'GeneralInformation/ManufacturerArticleNumber': ['Property', '0173-1#02-AAO676#003', true],
      'GeneralInformation/ManufacturerOrderCode': ['Property', '0173-1#02-AAO227#002', true],
      TechnicalProperties: ['SubmodelElementCollection', `${technical}/TechnicalProperties/1/1`, true],
    },
  },
  TimeSeries: {
    semanticId: `${series}/1/1`,
    elements: {
      Metadata: ['SubmodelElementCollection', `${series}/Metadata/1/1`, true],
      'Metadata/Name': ['MultiLanguageProperty', `${series}/Metadata/Name/1/1`, true],
      'Metadata/Description': ['MultiLanguageProperty', `${series}/Metadata/Description/1/1`, false],
      'Metadata/Record': ['SubmodelElementCollection', `${series}/Record/1/1`, true],
      'Metadata/Record/Time': ['Property', `${series}/UtcTime/1/1`, true],
      Segments: ['SubmodelElementCollection', `${series}/Segments/1/1`, true],
      'Segments/History': ['SubmodelElementCollection', `${series}/Segments/LinkedSegment/1/1`, false],
      'Segments/History/Name': ['MultiLanguageProperty', `${series}/Segment/Name/1/1`, false],
      'Segments/History/Endpoint': ['Property', `${series}/Endpoint/1/1`, true],
      'Segments/History/Query': ['Property', `${series}/Query/1/1`, true],
    },
  },
};
