export interface GrafanaAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Grafana's HTTP API. What the server refuses is an answer too; only who cannot be reached throws. */
export interface GrafanaApi {
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<GrafanaAnswer>;
}

export interface GrafanaAccess {
  /** Gives an administrator's API for the time of `use`; whatever comes of it, the administrator is gone afterwards. */
  asAdministrator<T>(use: (api: GrafanaApi) => Promise<T>): Promise<T>;
}
