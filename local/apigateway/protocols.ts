/** HTTP and WebSocket APIs share their resource types: which of the two models makes a resource, its API says. */
import type { Json, ResourceModel } from '../engine.ts';
import { findUnknownProperty } from '../template/property-paths.ts';

type Models = Readonly<Record<string, ResourceModel>>;

export type Protocol = 'HTTP' | 'WEBSOCKET';

export function joinProtocols(byProtocol: Readonly<Record<Protocol, Models>>): Models {
  const protocolOf = new Map<string, Protocol>();
  const choose = (properties: Json): Protocol => {
    const protocol = protocolOf.get(String(properties.ApiId)) ?? properties.ProtocolType;
    if (protocol === 'HTTP' || protocol === 'WEBSOCKET') return protocol;
    throw new Error(`ProtocolType: got "${String(protocol)}", modelled are HTTP and WEBSOCKET`);
  };
  const join = (type: string): ResourceModel => {
    const models = { HTTP: byProtocol.HTTP[type], WEBSOCKET: byProtocol.WEBSOCKET[type] };
    return {
      properties: [...(models.HTTP?.properties ?? []), ...(models.WEBSOCKET?.properties ?? [])],
      create: async (request) => {
        const protocol = choose(request.properties);
        const model = models[protocol];
        const unknown = model === undefined ? type : findUnknownProperty(request.properties, model.properties);
        if (model === undefined || unknown !== undefined) {
          throw new Error(`${unknown}: not modelled here of an API of ProtocolType ${protocol}`);
        }
        const created = await model.create(request);
        if (type === 'AWS::ApiGatewayV2::Api') protocolOf.set(created.ref, protocol);
        return created;
      },
    };
  };
  const types = new Set([...Object.keys(byProtocol.HTTP), ...Object.keys(byProtocol.WEBSOCKET)]);
  return Object.fromEntries([...types].map((type) => [type, join(type)]));
}
