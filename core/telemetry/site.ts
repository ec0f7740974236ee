/**
 * The site of a machine whose entry in the registry names none: the plant itself. Incidents, work orders and their indexes go by
 * site, and take no empty one.
 */
export const unnamedSite = 'plant';
