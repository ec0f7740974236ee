/** Something in the template that this laptop cannot run: one sentence that says where. */
export class TemplateProblem extends Error {
  constructor(
    place: { readonly stack: string; readonly logicalId?: string; readonly property?: string },
    says: string,
  ) {
    const resource = place.logicalId === undefined ? '' : `, resource ${place.logicalId}`;
    const property = place.property === undefined ? '' : `, property ${place.property}`;
    super(`stack ${place.stack}${resource}${property}: ${says}`);
    this.name = 'TemplateProblem';
  }
}
